process.env.TRANSPORT = 'REDIS';
await import('./nest-microservices.mjs');

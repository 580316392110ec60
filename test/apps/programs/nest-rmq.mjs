process.env.TRANSPORT = 'RMQ';
await import('./nest-microservices.mjs');

process.env.TRANSPORT = 'NATS';
await import('./nest-microservices.mjs');

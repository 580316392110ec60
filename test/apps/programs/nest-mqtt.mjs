process.env.TRANSPORT = 'MQTT';
await import('./nest-microservices.mjs');

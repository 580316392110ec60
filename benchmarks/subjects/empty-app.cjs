require('node:http');
process.stdout.write(JSON.stringify({ rss: process.memoryUsage().rss }));
process.exit();

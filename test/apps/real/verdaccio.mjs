import { rmSync } from 'node:fs';
import { runServer } from 'verdaccio';

rmSync('storage', { recursive: true, force: true });
const server = await runServer('./verdaccio.yaml');
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));

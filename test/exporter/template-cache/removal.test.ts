import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';

const run = promisify(execFile);
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'otel-xray-without-cache-'));
  await cp(join(root, 'src'), join(copy, 'src'), { recursive: true });
  await cp(join(root, 'package.json'), join(copy, 'package.json'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
});

afterAll(() => rm(copy, { recursive: true, force: true }));

/** Sends similar spans with the exporter in a folder. Returns the payloads. */
async function sentBy(folder: string): Promise<string> {
  const script = `
    import { XRayExporter } from ${JSON.stringify(join(folder, 'src/exporter/index.ts'))};
    import { fakeNetwork } from ${JSON.stringify(join(root, 'test/support/fake-socket.ts'))};
    const { createSocket, sent } = fakeNetwork();
    const exporter = new XRayExporter({ deps: { createSocket } });
    const resource = { attributes: { 'service.name': 'shop' } };
    for (let index = 0; index < 8; index += 1) {
      const identity = { traceId: '581cf771a006649127e371903a2de979', spanId: 'a'.repeat(15) + index };
      exporter.enqueue([{
        name: 'GET', kind: 1, spanContext: () => identity, startTime: [1478293361, 0],
        endTime: [1478293362, 0], status: { code: 0 }, links: [], events: [], resource,
        attributes: { 'http.request.method': 'GET', 'url.path': '/' + index },
      }]);
    }
    await exporter.shutdown();
    console.log(JSON.stringify(sent.map(String)));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return stdout;
}

test('without the template-cache folder and its references, the exporter sends the same payloads', async () => {
  const file = join(copy, 'src/exporter/index.ts');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const others = lines.filter((line) => !line.includes('TemplateCache'));
  expect(lines.length - others.length).toBe(2);
  await writeFile(file, others.join('\n'));
  await rm(join(copy, 'src/exporter/template-cache'), { recursive: true });
  const expected = await sentBy(root);
  expect(JSON.parse(expected)).toHaveLength(8);
  expect(await sentBy(copy)).toBe(expected);
});

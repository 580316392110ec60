import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/commands/migrate.ts';
import { rewritten } from '../../src/migrate/rewrite.ts';
import { scan } from '../../src/migrate/scan.ts';

function calls(text: string, isTypeScript = false): readonly string[] {
  return scan(text, isTypeScript, !isTypeScript).calls.map(
    ({ name, line, column, rule, edit }) =>
      `${line}:${column} ${name} ${rule.kind}${edit === undefined ? '' : ' editable'}`,
  );
}

const LOADING: readonly (readonly [form: string, text: string])[] = [
  ['require', `const AWSXRay = require('aws-xray-sdk');\nAWSXRay.captureHTTPsGlobal(http);`],
  [
    'require, destructured',
    `const { captureHTTPsGlobal } = require('aws-xray-sdk-core');\ncaptureHTTPsGlobal(http);`,
  ],
  ['renamed', `const { captureHTTPsGlobal: patch } = require('aws-xray-sdk-core');\npatch(http);`],
  ['import default', `import AWSXRay from 'aws-xray-sdk-core';\nAWSXRay.captureHTTPsGlobal(http);`],
  ['import all', `import * as xray from 'aws-xray-sdk-core';\nxray.captureHTTPsGlobal(http);`],
  [
    'import named',
    `import { captureHTTPsGlobal } from 'aws-xray-sdk-core';\ncaptureHTTPsGlobal(http);`,
  ],
  ['without a name', `\nrequire('aws-xray-sdk').captureHTTPsGlobal(http);`],
];

describe('finds calls', () => {
  test.each(LOADING)('%s', (_form, text) => {
    const [found = ''] = calls(text);
    expect(found).toMatch(/^2:\d+ captureHTTPsGlobal delete editable$/);
  });

  test.each([
    [
      'sub-packages',
      `const xrayExpress = require('aws-xray-sdk-express');\napp.use(xrayExpress.openSegment('shop'));`,
      ['2:9 express.openSegment delete editable'],
    ],
    [
      'a package that is a function',
      `const capture = require('aws-xray-sdk-postgres');\nconst pg = capture(require('pg'));`,
      ['2:12 capturePostgres unwrap editable'],
    ],
    [
      'methods of segments, only in files that load the SDK',
      `import { getSegment } from 'aws-xray-sdk-core';\ngetSegment()?.addAnnotation('a', 1);`,
      ['2:1 segment.addAnnotation replace', '2:1 getSegment replace'],
    ],
    [
      'names that are not the SDK’s',
      `const AWSXRay = require('aws-xray-sdk');\nother.captureAWS(x); captureAWS(x);`,
      [],
    ],
    [
      'a call whose result is used cannot be deleted',
      `const x = require('aws-xray-sdk');\nconst y = x.capturePromise() ?? 1;`,
      ['2:11 capturePromise delete'],
    ],
  ])('%s', (_rule, text, expected) => {
    expect(calls(text)).toEqual(expected);
  });

  test('in TypeScript with decorators and type assertions', () => {
    const text = `import { Segment, captureFunc } from 'aws-xray-sdk-core';
@injectable()
class Job { run(): void { const s = <Segment>new Segment('job'); captureFunc('a', (): void => {}, s); } }`;
    expect(calls(text, true)).toEqual(['3:46 Segment replace', '3:66 captureFunc replace']);
  });
});

describe('--write', () => {
  test.each([
    [
      'wrappers are taken off, statements without effect go, and the import with them',
      `const AWSXRay = require('aws-xray-sdk');
const { S3 } = require('@aws-sdk/client-s3');

AWSXRay.captureHTTPsGlobal(require('http'));
const client = AWSXRay.captureAWSv3Client(new S3({}));
app.use(AWSXRay.express.openSegment('shop'));
app.get('/', handler);
app.use(AWSXRay.express.closeSegment());
`,
      `const { S3 } = require('@aws-sdk/client-s3');

const client = new S3({});
app.get('/', handler);
`,
    ],
    [
      'an import stays while something of it is used',
      `import AWSXRay from 'aws-xray-sdk';
AWSXRay.capturePromise();
AWSXRay.captureFunc('a', () => {});
`,
      `import AWSXRay from 'aws-xray-sdk';
AWSXRay.captureFunc('a', () => {});
`,
    ],
    [
      'a wrapper around the SDK’s own module',
      `const AWSXRay = require('aws-xray-sdk-core');
const AWS = AWSXRay.captureAWS(require('aws-sdk'));
`,
      `const AWS = require('aws-sdk');
`,
    ],
    [
      'the segment for manual mode is kept',
      `import { captureAWSv3Client } from 'aws-xray-sdk-core';
const client = captureAWSv3Client(new S3({}), segment);
`,
      `import { captureAWSv3Client } from 'aws-xray-sdk-core';
const client = captureAWSv3Client(new S3({}), segment);
`,
    ],
    [
      'nothing else on a line is lost',
      `const x = require('aws-xray-sdk'); start();
x.capturePromise(); go(); // both
x.getSegment();
`,
      `const x = require('aws-xray-sdk'); start();
 go(); // both
x.getSegment();
`,
    ],
  ])('%s', (_rule, text, expected) => {
    expect(rewritten(text, scan(text, false, true))).toBe(expected);
  });
});

describe('the command', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function project(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  async function command(folder: string, ...argv: string[]) {
    const stdout: string[] = [];
    const stderr: string[] = [];
    const code = await migrate(argv, {
      cwd: folder,
      stdout: { write: (text) => stdout.push(text) },
      stderr: { write: (text) => stderr.push(text) },
    });
    return { code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  const APP = `const AWSXRay = require('aws-xray-sdk');\nAWSXRay.capturePromise();\napp.use(AWSXRay.express.openSegment('shop'));\n`;

  test('reports each call with its place, and changes nothing', async () => {
    const folder = project({ 'app.js': APP, 'other.js': 'console.log(1);\n' });
    const { code, stdout, stderr } = await command(folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`app.js
  2:1       capturePromise  →  nothing: promises keep the context
  3:9       express.openSegment  →  OTEL_SERVICE_NAME=shop

2 calls in 1 file; 2 can be deleted by --write, the others work unchanged.
Packages: aws-xray-sdk
Start the application with: node --import otel-xray/register
`);
    expect(readFileSync(join(folder, 'app.js'), 'utf8')).toBe(APP);
  });

  test('--write makes the deletions', async () => {
    const folder = project({ 'app.js': APP });
    const { stdout } = await command(folder, '--write');
    expect(stdout).toContain('2 deleted');
    expect(readFileSync(join(folder, 'app.js'), 'utf8')).toBe('');
  });

  test('a file that cannot be parsed is named, and the others are reported', async () => {
    const folder = project({ 'app.js': APP, 'broken.js': `require('aws-xray-sdk'; (` });
    const { code, stdout, stderr } = await command(folder);
    expect(code).toBe(1);
    expect(stdout).toContain('2 calls in 1 file');
    expect(stderr).toMatch(/^broken\.js: .*; the file is skipped\n$/);
  });

  test.each([
    [['--nonsense'], /^otel-xray migrate: Unknown option '--nonsense'/],
    [['missing'], /missing is not a directory/],
    [['a', 'b'], /expected one directory, got a b/],
  ])('%s is a mistake', async (argv, message) => {
    const { code, stderr } = await command(project({}), ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('the directory may be an absolute path', async () => {
    const { code, stdout } = await command(project({}), project({ 'app.js': APP }));
    expect(code).toBe(0);
    expect(stdout).toContain('2 calls in 1 file');
  });

  test('says that a project does not use the X-Ray SDK', async () => {
    expect(await command(project({ 'a.js': '1' }))).toEqual({
      code: 0,
      stdout: 'No file uses the X-Ray SDK.\n',
      stderr: '',
    });
  });
});

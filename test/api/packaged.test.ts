import { afterAll, expect, test } from 'vitest';
import type { DocBlock } from '../support/doc-blocks.ts';
import { docHome, runExample } from '../support/doc-run.ts';

const NAMES = [
  'addAnnotation',
  'addError',
  'addMetadata',
  'capture',
  'captured',
  'flush',
  'isSampled',
  'openSpan',
  'setUser',
  'traceTask',
  'withoutSampling',
  'xrayTraceId',
].join(', ');

/** Calls each helper; JavaScript and TypeScript alike. */
const PROGRAM = `
async function main() {
  await traceTask('task', async () => {
    setUser('user-7');
    addAnnotation('sampled', isSampled());
    addMetadata('id', xrayTraceId() === undefined ? 'none' : 'there', 'trace');
    await capture('work', async (span) => {
      addError(new Error('no luck'));
      await withoutSampling(async () => span.setAttribute('quiet', true));
    });
    captured('sum')((a, b) => a + b)(1, 2);
    const opened = openSpan('opened');
    opened.run(() => capture('below', () => 1));
    opened.end();
  });
  console.log('flushed', await flush());
}
main();
`;

const SENT = [
  {
    name: 'task',
    user: 'user-7',
    annotations: { sampled: true },
    metadata: { trace: { id: 'there' } },
    subsegments: [{ name: '…' }, { name: '…' }, { name: '…' }],
  },
  { name: 'work', fault: true, cause: { exceptions: [{ message: 'no luck' }] } },
  { name: 'sum' },
  { name: 'opened' },
  { name: 'below' },
];

function block(language: string, marks: readonly string[], text: string): DocBlock {
  return { language, marks, text, line: 0 };
}

const home = docHome();
afterAll(() => home[Symbol.dispose]());

test.for([
  {
    form: 'CommonJS',
    language: 'js',
    marks: ['run', 'cjs'],
    first: `const { ${NAMES} } = require('otel-xray');`,
  },
  {
    form: 'an ES module',
    language: 'js',
    marks: ['run'],
    first: `import { ${NAMES} } from 'otel-xray';`,
  },
  {
    form: 'strict TypeScript',
    language: 'ts',
    marks: ['run'],
    first: `import { ${NAMES} } from 'otel-xray';`,
  },
])(
  'a program with every helper sends the expected documents: $form',
  async ({ form, language, marks, first }) => {
    const typed = form === 'strict TypeScript';
    const text = first + (typed ? PROGRAM.replace('(a, b)', '(a: number, b: number)') : PROGRAM);
    const blocks = [
      block(language, marks, text),
      block('json', ['sent'], JSON.stringify(SENT)),
      block('text', ['prints'], 'flushed true'),
    ];
    const { codes, missing, unprinted, log } = await runExample({ heading: form, blocks }, home);
    expect({ codes, missing, unprinted }, log).toEqual({ codes: [0], missing: [], unprinted: [] });
  },
);

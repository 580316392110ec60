import { join } from 'node:path';
import { MODULES_OF_REQUESTS, REQUESTS } from './deferred-requests.ts';
import type { Group } from './grouped.ts';

/**
 * The chunks of the package: which modules are loaded together, and what loads them.
 */

const root = join(import.meta.dirname, '../..');
const src = (file: string): string => join(root, 'src', file);

/** Not needed before the first span, or not by every app. */
export const LAZY: readonly string[] = [
  ...[
    'exporter/batch/truncate.ts',
    'exporter/template-cache/create-compiler.ts',
    'exporter/transport/api-transport.ts',
    'provider-extras.ts',
    'start/adaptive-config.ts',
    'start/adaptive-observer.ts',
    'start/lambda.ts',
    'start/xray-pipeline.ts',
    'start/xray-sampler.ts',
    'translator/blocks/exceptions.ts',
    'translator/values/foreign-stacks.ts',
    'xray-api/client.ts',
  ].map(src),
  // Compares the version of an instrumented package; builtin modules have none.
  join(root, 'node_modules/@opentelemetry/instrumentation/build/esm/semver.js'),
];

export const SDK = 'sdk';
export const CORE = 'core';
export const PROPAGATION = 'propagation';
export const SPANS = 'spans';
export const ERRORS = 'errors';

/**
 * Modules that are loaded together; earlier groups also have what later ones share.
 *
 * Every start loads the first two. V8 keeps the syntax trees of a file until it has compiled the whole file,
 * and with two files it needs 0.9 MB less for them. Each has more than 128 KB: V8 never copies the source of
 * such a file, while it copies a smaller one in the minor GC that a start causes.
 */
export const GROUPS: readonly Group[] = [
  {
    name: SDK,
    entries: [
      src('config/settings.ts'),
      src('instrumentation/loading/base-class.ts'),
      src('instrumentation/table.ts'),
      src('logger.ts'),
      src('provider.ts'),
      src('untraced.ts'),
      join(root, 'node_modules/@opentelemetry/core/build/esm/index.js'),
      join(root, 'node_modules/@opentelemetry/instrumentation/build/esm/index.js'),
    ],
  },
  {
    name: CORE,
    entries: [
      src('start.ts'),
      src('exporter/in-progress.ts'),
      src('lambda/parent.ts'),
      src('instrumentation/wrap/listeners.ts'),
      src('instrumentation/http/request-headers.ts'),
    ],
  },
  { name: 'lambda', entries: [src('start/lambda.ts')] },
  { name: 'export', entries: [src('start/xray-pipeline.ts')] },
  { name: 'sampling', entries: [src('start/xray-sampler.ts')] },
  { name: REQUESTS, entries: MODULES_OF_REQUESTS },
];

/** A chunk and the modules that it contains. */
interface Chunk {
  readonly name: string;
  readonly modules: RegExp;
}

/** What an app needs with its first parent from outside. A Lambda function needs it before its handler. */
export const WITH_PARENTS: Chunk = {
  name: PROPAGATION,
  modules: modulesOf([
    '@opentelemetry/propagator-aws-xray/build/esm/.*\\.js$',
    'src/lambda/parent\\.ts$',
    'src/propagation/(?:header|header-context|lambda|xray)\\.ts$',
    'src/sampler/without-sampling\\.ts$',
  ]),
};

/** What an app needs with its first span: a chunk that is loaded then, or in the first turn of the event loop. */
export const WITH_SPANS: Chunk = {
  name: SPANS,
  modules: modulesOf([
    '@opentelemetry/sdk-trace/build/esm/sampler/(?:ParentBased|TraceIdRatioBased)Sampler\\.js$',
    '@opentelemetry/resources/build/esm/(?:ResourceImpl|default-service-name|utils)\\.js$',
    'src/api/(?:annotations|baggage|dynamic-name|json|trace-id)\\.ts$',
    'src/exporter/in-progress\\.ts$',
    'src/instrumentation/aws/aws-bedrock-content\\.ts$',
    'src/instrumentation/graphql/graphql-operation\\.ts$',
    'src/instrumentation/http/(?:fetch-ends|http-ends|http-targets|metadata-calls)\\.ts$',
    'src/instrumentation/jobs/thread-context\\.ts$',
    'src/instrumentation/messaging/(?:socket-io-names|subject-template)\\.ts$',
    'src/instrumentation/spans/(?:folding|graphql-errors|request-errors)\\.ts$',
    'src/instrumentation/wrap/input-copy\\.ts$',
    'src/logs/console\\.ts$',
    'src/propagation/sqs\\.ts$',
    'src/resource/(?:fetch-text|detectors/(?:container|ec2|ecs))\\.ts$',
    'src/sampler/wildcard\\.ts$',
    'src/(?:bound-emitter|keep-alive|load-spans)\\.ts$',
  ]),
};

/** What a program needs with its first error; a Lambda function that fails at once needs nothing else of what spans need. */
export const WITH_ERRORS: Chunk = {
  name: ERRORS,
  modules: modulesOf(['src/api/(?:errors|exception|span-notes)\\.ts$']),
};

/** @param paths sources of regular expressions */
function modulesOf(paths: readonly string[]): RegExp {
  return new RegExp(paths.join('|').replaceAll('/', '[\\\\/]'));
}

export { default } from '@opentelemetry/instrumentation-graphql/build/src/utils.js';

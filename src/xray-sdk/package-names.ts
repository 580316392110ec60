/** Files of the X-Ray SDK that apps load directly and that the facade replaces. */
export const ANSWERED_FILES = [
  'aws-xray-sdk-core/dist/lib/segments/segment.js',
  'aws-xray-sdk-core/dist/lib/segments/attributes/subsegment.js',
  'aws-xray-sdk-core/dist/lib/segments/attributes/trace_id.js',
  'aws-xray-sdk-core/dist/lib/aws-xray.js',
] as const;

/** Packages that the facade replaces. */
export const ANSWERED_PACKAGES = [
  'aws-xray-sdk',
  'aws-xray-sdk-core',
  'aws-xray-sdk-express',
  'aws-xray-sdk-mysql',
  'aws-xray-sdk-postgres',
  'aws-xray-sdk-fetch',
  'aws-xray-sdk-restify',
  'aws-xray-sdk-fastify',
] as const;

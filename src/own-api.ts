import * as api from '@opentelemetry/api';

/** The copy of the API that the build compiles into `register`, as one object without getters. */
export const OWN_API: typeof api = api;

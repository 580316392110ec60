/** What a call of the X-Ray SDK becomes. */
export interface CallRule {
  /**
   * - `delete`: has no effect any more; the statement can go
   * - `unwrap`: returns its first argument; the argument can stand alone
   * - `replace`: works on the facade, and has a successor in this package or in OpenTelemetry
   * - `keep`: works on the facade
   * - `setting`: works on the facade; an environment variable does the same
   */
  readonly kind: 'delete' | 'unwrap' | 'replace' | 'keep' | 'setting';
  /** What to write in its place, or why it can go. */
  readonly becomes: string;
}

/** Calls by their names below the SDK's object, for example `express.openSegment`. */
export const CALLS: Readonly<Record<string, CallRule>> = {
  captureAWS: { kind: 'unwrap', becomes: 'nothing: AWS calls are traced' },
  captureAWSClient: { kind: 'unwrap', becomes: 'nothing: AWS calls are traced' },
  captureAWSv3Client: { kind: 'unwrap', becomes: 'nothing: AWS calls are traced' },
  captureHTTPs: { kind: 'unwrap', becomes: 'nothing: http and https are traced' },
  captureHTTPsGlobal: { kind: 'delete', becomes: 'nothing: http and https are traced' },
  captureFetchGlobal: { kind: 'replace', becomes: 'fetch: it is traced' },
  captureFetchModule: { kind: 'replace', becomes: 'the fetch of the module: it is traced' },
  captureMySQL: { kind: 'unwrap', becomes: 'nothing: mysql and mysql2 are traced' },
  capturePostgres: { kind: 'unwrap', becomes: 'nothing: pg is traced' },
  capturePromise: { kind: 'delete', becomes: 'nothing: promises keep the context' },
  config: { kind: 'delete', becomes: 'nothing: resource detectors find EC2, ECS and Beanstalk' },
  captureFunc: { kind: 'replace', becomes: 'capture(name, fn)' },
  captureAsyncFunc: {
    kind: 'replace',
    becomes: 'capture(name, async (span) => …), which ends the subsegment',
  },
  captureCallbackFunc: { kind: 'replace', becomes: 'capture(name, fn) inside the callback' },
  getSegment: {
    kind: 'replace',
    becomes: 'addAnnotation(), addMetadata() and setUser(), which use the active span',
  },
  setSegment: {
    kind: 'replace',
    becomes: 'context.with(trace.setSpan(context.active(), span), fn)',
  },
  resolveSegment: { kind: 'replace', becomes: 'trace.getActiveSpan()' },
  getNamespace: {
    kind: 'replace',
    becomes: 'context.with() and context.bind() of @opentelemetry/api',
  },
  Segment: { kind: 'replace', becomes: 'traceTask(name, fn)' },
  Subsegment: { kind: 'replace', becomes: 'capture(name, fn) or openSpan(name)' },
  'express.openSegment': { kind: 'delete', becomes: 'OTEL_SERVICE_NAME=<the name>' },
  'express.closeSegment': { kind: 'delete', becomes: 'nothing: errors of handlers are recorded' },
  'restify.enable': { kind: 'delete', becomes: 'OTEL_SERVICE_NAME=<the name>' },
  setContextMissingStrategy: { kind: 'setting', becomes: 'AWS_XRAY_CONTEXT_MISSING' },
  setDaemonAddress: { kind: 'setting', becomes: 'AWS_XRAY_DAEMON_ADDRESS' },
  setAWSWhitelist: { kind: 'setting', becomes: 'OTEL_XRAY_AWS_PARAMETERS=FILE' },
  appendAWSWhitelist: { kind: 'setting', becomes: 'OTEL_XRAY_AWS_PARAMETERS=FILE' },
  setLogger: { kind: 'setting', becomes: 'OTEL_LOG_LEVEL' },
  setStreamingThreshold: {
    kind: 'delete',
    becomes: 'nothing: each span is sent when it has ended',
  },
  enableAutomaticMode: { kind: 'delete', becomes: 'nothing: the mode is always automatic' },
  enableManualMode: {
    kind: 'keep',
    becomes: 'the same; without it, the context is propagated automatically',
  },
  'middleware.setSamplingRules': { kind: 'setting', becomes: 'OTEL_XRAY_SAMPLING_RULES=FILE' },
  'middleware.disableCentralizedSampling': {
    kind: 'setting',
    becomes: 'OTEL_TRACES_SAMPLER=parentbased_traceidratio with OTEL_TRACES_SAMPLER_ARG',
  },
  'middleware.enableDynamicNaming': {
    kind: 'setting',
    becomes: 'OTEL_XRAY_DYNAMIC_NAMING=PATTERN',
  },
  'middleware.setDefaultName': { kind: 'setting', becomes: 'OTEL_SERVICE_NAME' },
  'middleware.traceRequestResponseCycle': {
    kind: 'keep',
    becomes: 'the same; http is traced without it',
  },
  'utils.processTraceData': { kind: 'replace', becomes: 'traceTask(name, { traceHeader }, fn)' },
};

/** Methods of segments and subsegments that are clear by their names. */
export const METHODS: Readonly<Record<string, CallRule>> = {
  addNewSubsegment: { kind: 'replace', becomes: 'capture(name, fn) or openSpan(name)' },
  addNewSubsegmentWithoutSampling: { kind: 'replace', becomes: 'withoutSampling(fn)' },
  addAnnotation: { kind: 'replace', becomes: 'addAnnotation(key, value)' },
  addMetadata: { kind: 'replace', becomes: 'addMetadata(key, value, namespace)' },
  setUser: { kind: 'replace', becomes: 'setUser(id)' },
  addError: { kind: 'replace', becomes: 'addError(error, { remote })' },
  addErrorFlag: { kind: 'replace', becomes: 'span.setAttribute("http.response.status_code", 400)' },
  addFaultFlag: { kind: 'replace', becomes: 'span.setStatus({ code: SpanStatusCode.ERROR })' },
  addThrottleFlag: {
    kind: 'replace',
    becomes: 'span.setAttribute("http.response.status_code", 429)',
  },
  addSqlData: { kind: 'replace', becomes: 'the db.* attributes of OpenTelemetry' },
  addRemoteRequestData: { kind: 'replace', becomes: 'the http.* attributes of OpenTelemetry' },
  addIncomingRequestData: { kind: 'replace', becomes: 'the http.* attributes of OpenTelemetry' },
  addPrecursorId: { kind: 'replace', becomes: 'a span link' },
};

/** A name that the facade has and no rule speaks of. */
export const KEPT: CallRule = { kind: 'keep', becomes: 'the same' };

/** A name that the facade does not have: a call logs one line. */
export const UNKNOWN: CallRule = {
  kind: 'replace',
  becomes: 'nothing: otel-xray/xray-sdk has no such name',
};

// roots: 1
// Every public name of the X-Ray SDK for Node.js, by package and object.
const AWSXRay = require('aws-xray-sdk');
const core = require('aws-xray-sdk-core');
const expressNames = require('aws-xray-sdk-express');
const fetchNames = require('aws-xray-sdk-fetch');
const captureMySQL = require('aws-xray-sdk-mysql');
const capturePostgres = require('aws-xray-sdk-postgres');

const CORE = `appendAWSWhitelist captureAWS captureAWSClient captureAWSv3Client captureAsyncFunc
  captureCallbackFunc captureFunc captureHTTPs captureHTTPsGlobal capturePromise config
  enableAutomaticMode enableManualMode getLogger getNamespace getSegment isAutomaticMode
  resolveManualSegmentParams resolveSegment setAWSWhitelist setContextMissingStrategy
  setDaemonAddress setLogger setSegment setStreamingThreshold Segment Subsegment SegmentUtils
  database middleware plugins utils`.split(/\s+/);

const ENTITY = `addAnnotation addErrorFlag addError addFaultFlag addMetadata addNewSubsegment
  addNewSubsegmentWithoutSampling addSubsegment addSubsegmentWithoutSampling addThrottleFlag close
  decrementCounter flush format incrementCounter isClosed removeSubsegment serialize toString`;
const segment = new core.Segment('names');
const subsegment = segment.addNewSubsegment('part');

const OBJECTS = [
  ['core', core, CORE],
  ['full', AWSXRay, [...CORE, 'captureMySQL', 'capturePostgres', 'express']],
  ['express', expressNames, ['closeSegment', 'openSegment']],
  ['fetch', fetchNames, ['captureFetchGlobal', 'captureFetchModule']],
  ['database', core.database, ['SqlData']],
  ['plugins', core.plugins, ['EC2Plugin', 'ECSPlugin', 'ElasticBeanstalkPlugin']],
  [
    'middleware',
    core.middleware,
    `IncomingRequestData disableCentralizedSampling dynamicNaming enableDynamicNaming
     processHeaders resolveName resolveSampling setDefaultName setSamplingRules
     traceRequestResponseCycle`.split(/\s+/),
  ],
  [
    'utils',
    core.utils,
    `LambdaUtils getCauseTypeFromHttpStatus objectWithoutProperties processTraceData safeParseInt
     stripQueryStringFromPath wildcardMatch`.split(/\s+/),
  ],
  [
    'LambdaUtils',
    core.utils.LambdaUtils,
    'populateTraceData validTraceData processTraceData'.split(' '),
  ],
  [
    'SegmentUtils',
    core.SegmentUtils,
    `getCurrentTime getHttpResponseData getJsonStringifyReplacer getStreamingThreshold setOrigin
     setPluginData setSDKData setServiceData setStreamingThreshold`.split(/\s+/),
  ],
  [
    'segment',
    segment,
    `${ENTITY} addIncomingRequestData addPluginData setMatchedSamplingRule setSDKData
     setServiceData setUser id trace_id start_time name`.split(/\s+/),
  ],
  [
    'subsegment',
    subsegment,
    `${ENTITY} addAttribute addPrecursorId addRemoteRequestData addSqlData streamSubsegments toJSON
     id start_time name parent segment`.split(/\s+/),
  ],
  [
    'namespace',
    core.getNamespace(),
    'bind bindEmitter createContext enter exit get run runAndReturn runPromise set'.split(' '),
  ],
];

for (const [what, object, names] of OBJECTS) {
  console.log(what, names.map((name) => `${name}:${typeof object[name]}`).join(' '));
}
console.log(typeof captureMySQL, typeof capturePostgres);
subsegment.close();
segment.close();

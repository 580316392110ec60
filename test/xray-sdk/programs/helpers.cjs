// roots: 0
const AWSXRay = require('aws-xray-sdk-core');

const { utils, middleware, SegmentUtils } = AWSXRay;
console.log(
  utils.getCauseTypeFromHttpStatus(404),
  utils.getCauseTypeFromHttpStatus('503'),
  utils.getCauseTypeFromHttpStatus(200),
  utils.stripQueryStringFromPath('/a?b=c'),
  utils.wildcardMatch('shop-*', 'SHOP-7'),
  utils.safeParseInt('12'),
  utils.safeParseInt('x'),
  utils.objectWithoutProperties({ a: 1, b: 2 }, ['a']),
  utils.LambdaUtils.validTraceData(
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  ),
);
console.log(
  utils.processTraceData('Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?;Self=x;color=green'),
);
console.log(
  middleware.processHeaders({
    headers: { 'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793' },
  }),
);
console.log(typeof SegmentUtils.getCurrentTime(), SegmentUtils.getStreamingThreshold());
AWSXRay.setStreamingThreshold(10);
console.log(SegmentUtils.getStreamingThreshold(), AWSXRay.isAutomaticMode());
console.log(
  AWSXRay.config([
    AWSXRay.plugins.EC2Plugin,
    AWSXRay.plugins.ECSPlugin,
    AWSXRay.plugins.ElasticBeanstalkPlugin,
  ]) === undefined,
);
const lines = [];
const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, () => lines.push(level)]),
);
AWSXRay.setLogger(logger);
console.log(AWSXRay.getLogger() === logger);
const segment = new AWSXRay.Segment('unused');
segment.addAnnotation('object', {});
segment.addError(7);
console.log(
  lines.filter((level) => level === 'error').length,
  Object.keys(segment.annotations ?? {}),
);
AWSXRay.setAWSWhitelist({ services: {} });
AWSXRay.appendAWSWhitelist({ services: {} });

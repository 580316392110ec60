// The X-Ray SDK as its manual says: every request sampled, middleware for Express and by hand for http.
const core = require('aws-xray-sdk-core');
core.middleware.disableCentralizedSampling();
core.middleware.setSamplingRules({ version: 2, default: { fixed_target: 0, rate: 1 }, rules: [] });
core.captureHTTPsGlobal(require('node:http'), true);

Object.defineProperty(globalThis, 'xrayExpress', { get: () => require('aws-xray-sdk-express') });
globalThis.xrayHandler = (handler) => (request, response) => {
  const { middleware, Segment, getNamespace } = core;
  const header = middleware.processHeaders(request);
  const segment = new Segment('bench', header.root, header.parent);
  middleware.resolveSampling(header, segment, response);
  segment.addIncomingRequestData(new middleware.IncomingRequestData(request));
  response.on('finish', () => {
    segment.http.close(response);
    segment.close();
  });
  const namespace = getNamespace();
  namespace.bindEmitter(request);
  namespace.bindEmitter(response);
  namespace.run(() => {
    core.setSegment(segment);
    handler(request, response);
  });
};
globalThis.xrayLambda = (handler) => (event, context) =>
  core.captureAsyncFunc('handler', (subsegment) =>
    handler(event, context).finally(() => subsegment.close()),
  );

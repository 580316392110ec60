const { answer, throwNow, stream, httpStream } = require('./cases.cjs');

exports.handler = answer;
exports.throwNow = throwNow;
exports.stream = globalThis.awslambda?.streamifyResponse(stream);
exports.httpStream = globalThis.awslambda?.streamifyResponse(httpStream);
exports.api = { v1: { get: answer } };
exports.callback = (event, _context, callback) => {
  answer(event).then(
    (value) => callback(null, value),
    (error) => callback(error),
  );
};
exports.syncCallback = (_event, context, callback) => {
  callback(null, { name: context.functionName });
};
exports.legacy = (event, context) => {
  answer(event).then(context.succeed, context.fail);
};

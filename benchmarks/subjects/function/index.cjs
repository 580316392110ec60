// A Lambda function that waits for a call as long as one to a database takes, and does nothing
// else; notes when its handler was entered and left.
require('node:http');
const { setTimeout: call } = require('node:timers/promises');
exports.handler = async ({ waitMs = 20 }) => {
  globalThis.entered = process.hrtime.bigint();
  await call(waitMs);
  const answer = { statusCode: 200, body: '{"id":17,"name":"kettle"}' };
  globalThis.left = process.hrtime.bigint();
  return answer;
};

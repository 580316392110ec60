// A Lambda function that ends when its handler is entered, answers, or fails; see eager-functions.ts.
require('node:http');
const v8 = require('node:v8');
exports.handler = async () => {
  v8.takeCoverage();
  process.exit();
};
exports.answering = async () => ({ statusCode: 200 });
exports.failing = async () => {
  throw new Error('profile');
};

// roots: 0
const AWSXRay = require('aws-xray-sdk-core');

const messages = [];
AWSXRay.setContextMissingStrategy((message) => messages.push(message));
console.log(AWSXRay.getSegment(), messages);
AWSXRay.setContextMissingStrategy('RUNTIME_ERROR');
try {
  AWSXRay.getSegment();
} catch (error) {
  console.log(error.message);
}
AWSXRay.setContextMissingStrategy('IGNORE_ERROR');
console.log(
  AWSXRay.getSegment(),
  AWSXRay.captureFunc('alone', () => 'ran'),
);
try {
  AWSXRay.setContextMissingStrategy('NONSENSE');
} catch (error) {
  console.log(error.constructor.name);
}

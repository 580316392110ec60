// roots: 0
const AWSXRay = require('aws-xray-sdk-core');

/** The part of the AWS SDK v2 that the X-Ray SDK looks at. */
class S3 {
  static serviceIdentifier = 's3';
  customizeRequests(listener) {
    this.listener = listener;
  }
}
S3.prototype.serviceIdentifier = 's3';
S3.prototype.customizeRequests = function customizeRequests() {};
const AWS = { VERSION: '2.1692.0', S3, Service: S3, util: {} };

console.log(AWSXRay.captureAWS(AWS) === AWS, AWSXRay.captureAWS(AWS).S3 === S3);
const client = new S3();
console.log(AWSXRay.captureAWSClient(client) === client);

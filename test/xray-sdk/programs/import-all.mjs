// roots: 1
import * as namespace from 'aws-xray-sdk';

const AWSXRay = namespace.default;
const segment = new AWSXRay.Segment('esm-all');
segment.addNewSubsegment('child').close();
segment.close();
console.log(
  typeof AWSXRay.express.openSegment,
  typeof AWSXRay.captureMySQL,
  typeof AWSXRay.capturePostgres,
);

// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment('tree');
const added = new AWSXRay.Subsegment('added');
segment.addSubsegment(added);
const removed = segment.addNewSubsegment('removed');
removed.close();
const child = added.addNewSubsegment('child');
child.addPrecursorId('53995c3f42cd8ad8');
child.close();
added.close();
for (const wrong of [
  () => segment.addSubsegment({}),
  () => new AWSXRay.Segment(7),
  () => new AWSXRay.Subsegment(),
  () => AWSXRay.captureFunc('', () => {}),
  () => AWSXRay.captureFunc('x'),
]) {
  try {
    wrong();
  } catch (error) {
    console.log(error.constructor.name);
  }
}
console.log(
  segment instanceof AWSXRay.Segment,
  added instanceof AWSXRay.Subsegment,
  added instanceof AWSXRay.Segment,
);
segment.close();

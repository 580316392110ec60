// roots: 1
import AWSXRay from 'aws-xray-sdk-core';

const segment = new AWSXRay.Segment('esm');
await AWSXRay.getNamespace().runPromise(async () => {
  AWSXRay.setSegment(segment);
  await AWSXRay.captureAsyncFunc('task', async (subsegment) => {
    await null;
    AWSXRay.getSegment().addAnnotation('same', AWSXRay.getSegment() === subsegment);
    subsegment.close();
  });
});
segment.close();

// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment('work');
const namespace = AWSXRay.getNamespace();
namespace.run(() => {
  AWSXRay.setSegment(segment);
  console.log(AWSXRay.captureFunc('sum', () => 1 + 1));
  try {
    AWSXRay.captureFunc('fails', () => {
      throw new Error('broken');
    });
  } catch (error) {
    console.log(error.message);
  }
  const promise = AWSXRay.captureAsyncFunc(
    'later',
    (subsegment) =>
      new Promise((resolve) =>
        setImmediate(() => {
          console.log(AWSXRay.getSegment() === subsegment);
          AWSXRay.captureFunc('inside', () => {});
          subsegment.close();
          resolve('done');
        }),
      ),
  );
  promise.then((value) => {
    console.log(value, AWSXRay.getSegment() === segment);
    const callback = AWSXRay.captureCallbackFunc('callback', (first, second, subsegment) =>
      console.log(first, second, subsegment.name),
    );
    callback('a', 'b');
    segment.close();
  });
});

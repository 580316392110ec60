// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment('errors');
AWSXRay.getNamespace().run(() => {
  AWSXRay.setSegment(segment);
  const error = new TypeError('deep');
  try {
    AWSXRay.captureFunc('outer', () =>
      AWSXRay.captureFunc('inner', () => {
        throw error;
      }),
    );
  } catch (caught) {
    console.log(caught === error);
  }
  const text = segment.addNewSubsegment('text');
  text.addError('only a message');
  text.close();
  segment.close();
});

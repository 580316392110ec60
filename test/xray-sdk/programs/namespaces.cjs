// roots: 2
const { EventEmitter } = require('node:events');
const AWSXRay = require('aws-xray-sdk-core');

const namespace = AWSXRay.getNamespace();
const one = new AWSXRay.Segment('one');
const two = new AWSXRay.Segment('two');
const emitter = new EventEmitter();
namespace.run(() => {
  AWSXRay.setSegment(one);
  namespace.bindEmitter(emitter);
  emitter.on('tick', () => AWSXRay.getSegment().addNewSubsegment('tick').close());
  namespace.set('color', 'green');
  const bound = namespace.bind(() =>
    console.log(AWSXRay.getSegment().name, namespace.get('color')),
  );
  namespace
    .runPromise(async () => {
      AWSXRay.setSegment(two);
      bound();
      await null;
      console.log(AWSXRay.getSegment().name);
      emitter.emit('tick');
      const subsegment = AWSXRay.getSegment().addNewSubsegment('step');
      AWSXRay.setSegment(subsegment);
      await null;
      console.log(AWSXRay.getSegment().name);
      AWSXRay.getSegment().close();
      AWSXRay.setSegment(two);
      two.close();
    })
    .then(() => {
      one.close();
    });
});

// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const messages = [
  {
    MessageId: 'm-1',
    Attributes: {
      AWSTraceHeader:
        'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0',
    },
  },
  {
    MessageId: 'm-2',
    Attributes: {
      AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272794;Parent=53995c3f42cd8ad9;Sampled=0',
    },
  },
];
for (const message of messages) {
  const trace = AWSXRay.utils.processTraceData(message.Attributes.AWSTraceHeader);
  console.log(trace);
  const segment = new AWSXRay.Segment('worker', trace.root, trace.parent);
  segment.origin = 'AWS::EC2::Instance';
  segment.notTraced = trace.sampled !== '1';
  const subsegment = segment.addNewSubsegment('handle');
  subsegment.addAnnotation('message', message.MessageId);
  subsegment.close();
  segment.close();
}

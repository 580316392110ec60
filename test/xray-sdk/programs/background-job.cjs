// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment(
  'nightly',
  '1-5759e988-bd862e3fe1be46a994272793',
  '53995c3f42cd8ad8',
);
segment.addAnnotation('run', 3);
segment.addAnnotation('ok', true);
segment.setUser('batch');
segment.addMetadata('plan', ['scan', 'sort'], 'database');
segment.addMetadata('nothing', null);
const first = segment.addNewSubsegment('read');
first.addAnnotation('rows', 12);
const inner = first.addNewSubsegment('parse');
inner.close(new RangeError('row 12 is empty'));
first.close();
const second = segment.addNewSubsegment('write');
second.addErrorFlag();
second.addThrottleFlag();
second.close('disk full', true);
segment.close();
console.log(segment.isClosed(), first.isClosed(), segment.id.length, segment.trace_id);

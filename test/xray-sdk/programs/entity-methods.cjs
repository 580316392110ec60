// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment('methods', null, '53995c3f42cd8ad8');
console.log(segment.parent_id, segment.isClosed());
segment.setUser('ada');
segment.setServiceData({ version: '1.2.3' });
segment.addPluginData({ ec2: { instance_id: 'i-1' } });
segment.setMatchedSamplingRule('gold');
segment.addIncomingRequestData(
  new AWSXRay.middleware.IncomingRequestData({
    method: 'GET',
    url: '/orders?page=2',
    headers: { host: 'shop.example.com', 'user-agent': 'test', 'x-forwarded-for': '192.0.2.1' },
    connection: {},
  }),
);
segment.addErrorFlag();

const call = segment.addNewSubsegment('stock.example.com');
call.namespace = 'remote';
call.addRemoteRequestData(
  {
    method: 'POST',
    path: '/items',
    host: 'stock.example.com',
    agent: { protocol: 'https:' },
    getHeader: () => 'stock.example.com',
  },
  { statusCode: 429, headers: { 'content-length': '7' } },
  true,
);
call.addErrorFlag();
call.addThrottleFlag();
call.close();

const query = segment.addNewSubsegment('orders@db.example.com');
query.namespace = 'remote';
query.addSqlData(
  new AWSXRay.database.SqlData('8.0', 'mysql2', 'ada', 'db.example.com:3306/orders', 'statement'),
);
query.addFaultFlag();
query.close();

const written = segment.addNewSubsegment('written');
written.addAttribute('namespace', 'remote');
written.addMetadata('rows', [1, 2], 'app');
written.addAnnotation('count', 2);
written.addAnnotation('first', true);
written.incrementCounter();
written.decrementCounter();
written.close(new RangeError('out of stock'));

const gone = segment.addNewSubsegment('gone');
segment.removeSubsegment(gone);
console.log(segment.subsegments.length, gone.isClosed());
gone.close();
for (const text of [segment.toString(), segment.format(), segment.serialize()]) {
  const { name, user, parent_id: parent, subsegments } = JSON.parse(text);
  console.log(name, user, parent, subsegments.map((each) => each.name).join());
}
console.log(JSON.parse(JSON.stringify(written.toJSON())).annotations);
segment.close();
console.log(segment.isClosed(), typeof segment.end_time, segment.in_progress);

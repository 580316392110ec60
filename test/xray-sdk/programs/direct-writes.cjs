// roots: 1
const AWSXRay = require('aws-xray-sdk-core');

const segment = new AWSXRay.Segment('writes');
segment.trace_id = '1-5759e988-bd862e3fe1be46a994272793';
segment.parent_id = '53995c3f42cd8ad8';
segment.http = {
  request: {
    method: 'POST',
    url: 'https://shop.example.com/orders',
    user_agent: 'test',
    client_ip: '192.0.2.4',
  },
  response: { status: 503 },
};
segment.fault = true;
const remote = segment.addNewSubsegment('prices.example.com');
remote.namespace = 'remote';
remote.http = {
  request: { method: 'GET', url: 'https://prices.example.com/eur' },
  response: { status: 404, content_length: 12 },
};
remote.error = true;
remote.close();
const sql = segment.addNewSubsegment('orders@db.example.com');
sql.addAttribute('namespace', 'remote');
sql.addSqlData(
  new AWSXRay.database.SqlData(
    '15.2',
    'pg 8.13',
    'reader',
    'postgresql://db.example.com:5432/orders',
    'statement',
  ),
);
sql.close();
const aws = segment.addNewSubsegment('DynamoDB');
aws.addAttribute('namespace', 'aws');
aws.addAttribute('aws', {
  operation: 'GetItem',
  region: 'eu-west-1',
  table_name: 'orders',
  request_id: 'R1',
  retries: 2,
});
aws.close();
console.log(
  segment.subsegments[0] === remote,
  segment.subsegments.length,
  remote.segment === segment,
  remote.parent === segment,
);
segment.close();

/** Programs that use the X-Ray SDK with databases and `node-fetch`. */

const HEAD = `
const AWSXRay = require('aws-xray-sdk');
const host = '127.0.0.1';
const postgres = { host, port: Number(process.env.PORT_postgres), user: 'app', database: 'postgres' };
const mariadb = { host, port: Number(process.env.PORT_mariadb), user: 'root', database: 'information_schema' };
const called = (run) => new Promise((resolve) => run((error, result) => {
  console.log(error ? error.message : JSON.stringify(result?.rows ?? result));
  resolve();
}));
`;

/** Runs the body in a segment. */
const inSegment = (body: string): string => `
const segment = new AWSXRay.Segment('job');
AWSXRay.getNamespace().runPromise(async () => {
  AWSXRay.setSegment(segment);
  ${body}
  segment.close();
});
`;

export const FETCH_PROGRAM: string = `${HEAD}
const { createServer } = require('node:http');
const { captureFetchModule } = require('aws-xray-sdk-fetch');
const fetch = captureFetchModule(require('node-fetch'));
const server = createServer((request, response) => {
  response.statusCode = request.url === '/missing' ? 404 : 200;
  response.end('ok');
}).listen(0, host, () => {
  const base = 'http://127.0.0.1:' + server.address().port;
  ${inSegment(`
  console.log((await fetch(base + '/found?page=1')).status, (await fetch(base + '/missing')).status);
  await fetch('http://127.0.0.1:1/').catch((error) => console.log(error.code));
  server.close();`)}
});
`;

/** Each with the number of queries that it makes. */
export const DATABASE_PROGRAMS: Readonly<
  Record<string, { readonly queries: number; readonly text: string }>
> = {
  postgres: {
    queries: 4,
    text: `${HEAD}
const pg = AWSXRay.capturePostgres(require('pg'));
${inSegment(`
  const client = new pg.Client(postgres);
  await client.connect();
  console.log((await client.query('SELECT 1 AS one')).rows);
  await called((done) => client.query('SELECT $1::int AS two', [2], done));
  await called((done) => client.query('SELECT * FROM missing', done));
  await client.end();
  const pool = new pg.Pool(postgres);
  console.log((await pool.query('SELECT 3 AS three')).rows);
  await pool.end();`)}`,
  },

  // Without a pool: the X-Ray SDK throws when it sends a segment with a query of a pool.
  mysql: {
    queries: 3,
    text: `${HEAD}
const mysql = AWSXRay.captureMySQL(require('mysql'));
${inSegment(`
  const connection = mysql.createConnection(mariadb);
  await called((done) => connection.query('SELECT 1 AS one', done));
  await called((done) => connection.query('SELECT ? AS two', [2], done));
  await called((done) => connection.query('SELECT * FROM missing', done));
  await called((done) => connection.end(done));`)}`,
  },

  'manual-mode': {
    queries: 6,
    text: `${HEAD}
AWSXRay.enableManualMode();
const pg = AWSXRay.capturePostgres(require('pg'));
const mysql = AWSXRay.captureMySQL(require('mysql'));
(async () => {
  const segment = new AWSXRay.Segment('job');
  const client = new pg.Client(postgres);
  await client.connect();
  await called((done) => client.query('SELECT 1 AS one', null, done, segment));
  await called((done) => client.query('SELECT $1::int AS two', [2], done, segment));
  await client.end();
  const connection = mysql.createConnection(mariadb);
  await called((done) => connection.query('SELECT 3 AS three', null, done, segment));
  await called((done) => connection.end(done));
  const pool = mysql.createPool(mariadb);
  await called((done) => pool.query('SELECT ? AS four', [4], done, segment));
  await new Promise((resolve) => pool.getConnection(async (error, pooled) => {
    await called((done) => pooled.query('SELECT 5 AS five', null, done, segment));
    const part = segment.addNewSubsegment('part');
    await called((done) => pooled.query('SELECT 6 AS six', null, done, part));
    part.close();
    pooled.release();
    resolve();
  }));
  await called((done) => pool.end(done));
  segment.close();
})();`,
  },
};

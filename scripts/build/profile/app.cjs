// An application of which otel-xray runs no more than every start needs; see eager-functions.ts.
require('node:http');
const v8 = require('node:v8');
v8.takeCoverage();

// Stands in for serverless-offline: imports the handler again for each invocation.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, name] = process.env._HANDLER.split('.');
const url = pathToFileURL(join(process.cwd(), `${file}.mjs`)).href;
for (const awsRequestId of ['1', '2']) {
  const { [name]: handler } = await import(url);
  await handler({}, { awsRequestId, functionName: process.env.AWS_LAMBDA_FUNCTION_NAME });
}

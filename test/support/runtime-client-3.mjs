/** Starts `aws-lambda-ric` 3.3.0, the runtime client of older container images, as its command does. */
import { run } from '../../node_modules/aws-lambda-ric-3/dist/index.mjs';

await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);

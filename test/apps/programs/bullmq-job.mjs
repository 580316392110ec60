/** @param job as it was enqueued */
export default async function resize(job) {
  if ('otelXrayCarrier' in job) throw new Error('the job is changed');
  await fetch(`http://127.0.0.1:${job.data.port}/stock`);
}

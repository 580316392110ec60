/** @param job as it was enqueued */
export default async function resize(job) {
  const added = Object.keys(job).filter((key) => /otel|xray|carrier/i.test(key));
  if (added.length > 0) throw new Error(`the job is changed: ${added}`);
  await fetch(`http://127.0.0.1:${job.data.port}/stock`);
}

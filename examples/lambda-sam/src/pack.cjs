/** Handler of an SQS batch; the trace has a link to the sender of each message. */
exports.handler = async (event) => {
  const batchItemFailures = event.Records.filter(({ body }) => body === 'broken').map(
    ({ messageId }) => ({ itemIdentifier: messageId }),
  );
  return { batchItemFailures };
};

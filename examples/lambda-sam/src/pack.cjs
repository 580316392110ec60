/** An SQS batch: each message's sender is linked to the trace. */
exports.handler = async (event) => {
  const batchItemFailures = event.Records.filter(({ body }) => body === 'broken').map(
    ({ messageId }) => ({ itemIdentifier: messageId }),
  );
  return { batchItemFailures };
};

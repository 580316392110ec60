import { type Check, info } from '../finding.ts';

/**
 * Reports whether the account uses Transaction Search, because traces are then found elsewhere.
 *
 * @see docs/platforms.md, Accounts with Transaction Search
 */
export const transactionSearch: Check = {
  name: 'transaction search',
  find: ({ network, config }) => {
    const facts = network.destination;
    if (facts === undefined) return [];
    const { destination, isPending, indexedPercent } = facts;
    if (destination === 'XRay') {
      return info(
        isPending
          ? 'the account is being switched from Transaction Search to X-Ray'
          : 'off: X-Ray indexes every trace that it receives',
      );
    }
    const index = indexedPercent === undefined ? 'some' : `${indexedPercent}%`;
    const state = isPending ? 'being switched on' : 'on';
    const byRules = config.sampler === undefined || config.sampler.endsWith('xray');
    const sent = byRules
      ? '; sampling rules decide what is sent: set their rate to 100%, or OTEL_TRACES_SAMPLER=parentbased_always_on, to store every span'
      : '';
    return info(
      `${state}: all spans are stored in the log group aws/spans, and ${index} of the traces are indexed as trace summaries${sent}. Search in CloudWatch, Transaction Search`,
    );
  },
};

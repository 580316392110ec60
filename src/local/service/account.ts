import { asList, asObject, parseJson } from '../json.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid, ServiceError } from './errors.ts';
import { optionalText, requiredRange, requiredText } from './input.ts';
import { pageOf } from './paging.ts';

interface Policy {
  readonly PolicyName: string;
  readonly PolicyDocument: string;
  readonly PolicyRevisionId: string;
  readonly LastUpdatedTime: number;
}

const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;
const MAX_POLICIES = 5;
const MAX_POLICY_BYTES = 5 * 1024;

/**
 * Returns the operations of account settings: encryption, resource policies, segment destination.
 * They have no effect here.
 */
export function accountOperations(context: ServiceContext): Operations {
  return {
    ...encryption(context),
    ...policies(context),
    '/GetTraceSegmentDestination': () => ({ Destination: 'XRay', Status: 'ACTIVE' }),
    '/GetIndexingRules': () => ({ IndexingRules: [] }),
    '/InsightSummaries': (input) => {
      requiredRange(input);
      return { InsightSummaries: [] };
    },
  };
}

function encryption({ store }: ServiceContext): Operations {
  const config = (): object =>
    asObject(store.setting('encryption')) ?? { Type: 'NONE', Status: 'ACTIVE' };
  return {
    '/EncryptionConfig': () => ({ EncryptionConfig: config() }),
    '/PutEncryptionConfig': (input) => {
      const type = requiredText(input, 'Type');
      const keyId = optionalText(input, 'KeyId', { min: 1, max: 3_000 });
      if (type !== 'NONE' && type !== 'KMS') throw invalid('Type must be NONE or KMS');
      if (type === 'KMS' && keyId === undefined) throw invalid('KeyId is required for KMS');
      if (type === 'NONE' && keyId !== undefined) throw invalid('KeyId must be left out for NONE');
      store.setSetting('encryption', { KeyId: keyId, Type: type, Status: 'ACTIVE' });
      return { EncryptionConfig: config() };
    },
  };
}

function policies({ store, now }: ServiceContext): Operations {
  const all = (): Policy[] => asList(store.setting('policies')) as Policy[];
  const save = (list: readonly Policy[]): void => store.setSetting('policies', list);
  return {
    '/ListResourcePolicies': (input) => {
      const { items, NextToken } = pageOf(input, all(), 100);
      return { ResourcePolicies: items, NextToken };
    },
    '/PutResourcePolicy': (input) => {
      const name = requiredText(input, 'PolicyName');
      const text = requiredText(input, 'PolicyDocument');
      const revision = optionalText(input, 'PolicyRevisionId');
      if (!POLICY_NAME.test(name))
        throw invalid('PolicyName: 1 to 128 of letters, digits and _+=,.@-');
      if (asObject(parseJson(text)) === undefined) {
        throw new ServiceError(
          'MalformedPolicyDocumentException',
          'PolicyDocument is not a JSON object',
        );
      }
      if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
        throw new ServiceError('PolicySizeLimitExceededException', 'a policy is limited to 5 KB');
      }
      const known = all().find((policy) => policy.PolicyName === name);
      const others = all().filter((policy) => policy.PolicyName !== name);
      checkRevision(revision, known);
      if (known === undefined && others.length >= MAX_POLICIES) {
        throw new ServiceError(
          'PolicyCountLimitExceededException',
          `the limit is ${MAX_POLICIES} policies`,
        );
      }
      const policy: Policy = {
        PolicyName: name,
        PolicyDocument: text,
        PolicyRevisionId: String(Number(known?.PolicyRevisionId ?? 0) + 1),
        LastUpdatedTime: now(),
      };
      save([...others, policy]);
      return { ResourcePolicy: policy };
    },
    '/DeleteResourcePolicy': (input) => {
      const name = requiredText(input, 'PolicyName');
      const known = all().find((policy) => policy.PolicyName === name);
      if (known === undefined) throw invalid(`no policy ${JSON.stringify(name)}`);
      checkRevision(optionalText(input, 'PolicyRevisionId'), known);
      save(all().filter((policy) => policy.PolicyName !== name));
      return {};
    },
  };
}

/** `"0"` requires that the policy is new. */
function checkRevision(revision: string | undefined, known: Policy | undefined): void {
  if (revision === undefined || revision === (known?.PolicyRevisionId ?? '0')) return;
  throw new ServiceError(
    'InvalidPolicyRevisionIdException',
    `PolicyRevisionId ${revision} is not the policy's: ${known?.PolicyRevisionId ?? 'none'}`,
  );
}

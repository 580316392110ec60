import type { ExceptionBlock, SegmentDocument } from '../../src/translator/document.ts';

interface CallOfCase {
  readonly call: SegmentDocument | undefined;
  readonly exceptions: readonly ExceptionBlock[];
}

/** Returns the subsegment of the AWS call that a program made in the segment of a case, and its exceptions. */
export function callOfCase(documents: readonly SegmentDocument[], name: string): CallOfCase {
  const segment = documents.find(({ metadata }) => metadata?.['default']?.['case'] === name);
  const call = documents.find(({ parent_id }) => parent_id === segment?.id);
  const { exceptions = [] } = typeof call?.cause === 'object' ? call.cause : {};
  return { call, exceptions };
}

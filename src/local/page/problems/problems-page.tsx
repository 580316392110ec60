import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { visible } from '../../visible-text.ts';
import { readLocal } from '../api.ts';
import { countedText, timeText } from '../format.ts';
import { changes, problemsVersion, status } from '../live.ts';
import type { LocalProblem, PartialDocument } from '../local-types.ts';
import { traceIdOf, traceLink } from '../route.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { StatusShape } from '../ui/status.tsx';
import { useLoaded } from '../use-loaded.ts';
import { PartialDocuments } from './partial-documents.tsx';

/** Renders the messages that X-Ray would reject or store only in part, with the reason. */
export function ProblemsPage(): JSX.Element {
  const load = useCallback(async (signal: AbortSignal) => {
    const { problems } = await readLocal<{ problems: readonly LocalProblem[] }>(
      '/local/problems',
      signal,
    );
    return problems;
  }, []);
  const { value: problems, error } = useLoaded(load, 'problems', problemsVersion.value);
  const loadPartial = useCallback(async (signal: AbortSignal) => {
    const path = '/local/partial';
    return (await readLocal<{ documents: readonly PartialDocument[] }>(path, signal)).documents;
  }, []);
  const partial = useLoaded(loadPartial, 'partial', changes.value.version).value;
  const received = status.value?.counts.received ?? 0;
  return (
    <div class="page problems-page">
      <header class="page-header">
        <h1>Problems</h1>
        <p class="muted">
          Documents that X-Ray would reject or store only in part, and messages that are not in
          X-Ray’s format.
        </p>
      </header>
      {error && <Notice text={error.message} />}
      {problems?.length === 0 && partial?.length === 0 && (
        <Empty title="No problems">
          <p>
            {received === 0
              ? 'Nothing received yet.'
              : `X-Ray would accept all of ${countedText(received, 'document')}.`}
          </p>
        </Empty>
      )}
      {problems && problems.length > 0 && (
        <ol class="problems" aria-label="Problems, newest first">
          {problems.map((problem, index) => (
            <ProblemEntry key={`${problem.at} ${problems.length - index}`} problem={problem} />
          ))}
        </ol>
      )}
      {partial && partial.length > 0 && <PartialDocuments documents={partial} />}
    </div>
  );
}

const VIAS: Readonly<Record<LocalProblem['via'], string>> = {
  udp: 'received by UDP',
  api: 'received by PutTraceSegments',
  otlp: 'received by OTLP',
  replay: 'read from a recording',
  file: 'read from a file',
};

function ProblemEntry({ problem }: { readonly problem: LocalProblem }): JSX.Element {
  const { at, via, kind, code, message, reason, traceId, text } = problem;
  const known = traceId === undefined ? undefined : traceIdOf(traceId);
  return (
    <li class="problem">
      <div class="problem-head">
        <StatusShape word={kind === 'refused' ? 'fault' : 'error'} />
        <strong>{kind === 'refused' ? (code ?? 'Rejected') : 'Not an X-Ray message'}</strong>
        <span class="reason">{visible(reason)}</span>
        <time class="mono muted">{timeText(at / 1000, Date.now())}</time>
      </div>
      <p class="muted">
        {kind === 'refused' ? 'Rejected' : 'Ignored'}, {VIAS[via]}
        {known && (
          <>
            {' · '}
            <a href={traceLink(known)}>Trace</a>
          </>
        )}
        {message && <> · X-Ray’s message: “{visible(message)}”</>}
      </p>
      {text !== '' && (
        <details>
          <summary>Received text</summary>
          <pre>{visible(text)}</pre>
        </details>
      )}
    </li>
  );
}

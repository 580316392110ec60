import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { parseJson } from '../../../json.ts';
import { JsonText } from '../json-text.tsx';
import type { TabProps } from './tab-props.ts';

/** Renders the document as X-Ray gives it back, and word for word as it was sent. */
export function RawTab({ entity, data }: TabProps): JSX.Element {
  const [asSent, setAsSent] = useState(false);
  const documents = data.arrived?.documents ?? [];
  const sent =
    documents.find(({ id }) => id === entity.id) ??
    documents.find(({ body }) => body.includes(`"${entity.id}"`));
  return (
    <>
      {sent && (
        <div class="segmented raw-choice" role="group" aria-label="Which form">
          <button type="button" aria-pressed={!asSent} onClick={() => setAsSent(false)}>
            As X-Ray returns it
          </button>
          <button type="button" aria-pressed={asSent} onClick={() => setAsSent(true)}>
            As received
          </button>
        </div>
      )}
      {asSent && sent ? (
        <>
          <JsonText value={parseJson(sent.body) ?? sent.body} what="the received document" />
          {sent.span !== undefined && (
            <section class="namespace">
              <h3>OpenTelemetry span</h3>
              <JsonText value={sent.span} what="the OpenTelemetry span" />
            </section>
          )}
        </>
      ) : (
        <JsonText value={entity.record} what="the document" />
      )}
    </>
  );
}

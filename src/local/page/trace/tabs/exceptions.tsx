import type { JSX } from 'preact';
import { asList, asNumber, asObject, asText, type JsonObject } from '../../../json.ts';
import { lineText, visible } from '../../../visible-text.ts';
import { Fields } from '../../ui/fields.tsx';
import { Nothing } from './nothing.tsx';
import type { TabProps } from './tab-props.ts';

export function ExceptionsTab({ entity }: TabProps): JSX.Element {
  const { cause } = entity.record;
  if (typeof cause === 'string') {
    return (
      <Fields
        rows={[{ label: 'Id of an exception in another segment', value: cause, mono: true }]}
      />
    );
  }
  const exceptions = asList(asObject(cause)?.['exceptions']).map((each) => asObject(each) ?? {});
  if (exceptions.length === 0) return <Nothing>No exceptions.</Nothing>;
  const folder = asText(asObject(cause)?.['working_directory']);
  return (
    <>
      {exceptions.map((exception, index) => (
        <Exception key={asText(exception['id']) ?? index} exception={exception} all={exceptions} />
      ))}
      <Fields rows={[{ label: 'Working directory', value: folder ?? '', mono: true }]} />
    </>
  );
}

function Exception(props: {
  readonly exception: JsonObject;
  readonly all: readonly JsonObject[];
}): JSX.Element {
  const { exception, all } = props;
  const frames = asList(exception['stack']).map((frame) => asObject(frame) ?? {});
  const left = asNumber(exception['truncated']) ?? 0;
  const causeId = asText(exception['cause']);
  const because = causeId === undefined ? undefined : all.find(({ id }) => id === causeId);
  return (
    <article class="exception">
      <h3>
        {visible(asText(exception['type']) ?? 'Error')}{' '}
        {exception['remote'] === true && <span class="tag">remote</span>}
      </h3>
      <p class="message">{visible(asText(exception['message']) ?? '')}</p>
      {because && (
        <p class="muted">Caused by {lineText(asText(because['type']) ?? 'the next one', 80)}</p>
      )}
      {frames.length > 0 && (
        <ol class="stack">
          {frames.map((frame, index) => (
            <li key={index}>
              <span class="label">{visible(asText(frame['label']) ?? '(anonymous)')}</span>{' '}
              <span class="where">
                {visible(
                  [asText(frame['path']), asNumber(frame['line'])]
                    .filter((part) => part !== undefined)
                    .join(':'),
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
      {left > 0 && <p class="muted">{left} more frames were left out.</p>}
    </article>
  );
}

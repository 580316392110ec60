import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { DEFAULT_RULE } from '../../../sampler/rule.ts';
import { visible } from '../../visible-text.ts';
import { createRule, deleteRule, updateRule } from '../api.ts';
import type { SamplingRule } from '../api-types.ts';
import { Notice } from '../ui/empty.tsx';
import { attributeLines, attributesOf, NEW_RULE, TEXT_FIELDS, updateOf } from './rule-fields.ts';

/** Creates or changes a rule. Apps apply it after their next poll. */
export function RuleForm(props: {
  readonly rule: SamplingRule | undefined;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const { rule, onDone, onCancel } = props;
  const [draft, setDraft] = useState<SamplingRule>(rule ?? NEW_RULE);
  const [attributes, setAttributes] = useState(attributeLines(rule?.Attributes));
  const [error, setError] = useState('');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);

  const isDefault = rule?.RuleName === DEFAULT_RULE;
  const set = (change: Partial<SamplingRule>): void => setDraft({ ...draft, ...change });
  const send = (action: Promise<unknown>): void => {
    action.then(onDone, (failed: Error) => setError(failed.message));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const whole = { ...draft, Attributes: attributesOf(attributes) };
    send(rule ? updateRule(updateOf(whole)) : createRule(whole));
  };
  const number = (key: 'Priority' | 'ReservoirSize', label: string, min: number, max: number) => (
    <label>
      {label}
      <input
        type="number"
        required
        min={min}
        max={max}
        step={1}
        value={draft[key]}
        onInput={({ currentTarget }) => set({ [key]: Number(currentTarget.value) })}
      />
    </label>
  );
  return (
    <form class="panel rule-form" ref={form} onSubmit={submit} aria-labelledby="rule-title">
      <h2 id="rule-title">{rule ? `Edit ${visible(rule.RuleName)}` : 'New rule'}</h2>
      {error !== '' && <Notice text={error} />}
      <div class="form-grid">
        {!rule && (
          <label>
            Name
            <input
              required
              maxLength={32}
              value={draft.RuleName}
              onInput={({ currentTarget }) => set({ RuleName: currentTarget.value })}
            />
          </label>
        )}
        <label>
          Rate, percent
          <input
            type="number"
            required
            min={0}
            max={100}
            step="any"
            value={Number((draft.FixedRate * 100).toPrecision(6))}
            onInput={({ currentTarget }) => set({ FixedRate: Number(currentTarget.value) / 100 })}
          />
        </label>
        {number('ReservoirSize', 'Reservoir, requests per second', 0, 1_000_000)}
        {!isDefault && number('Priority', 'Priority, lowest first', 1, 9_999)}
        {!isDefault &&
          TEXT_FIELDS.map(({ key, label, max }) => (
            <label key={key}>
              {label}
              <input
                required
                maxLength={max}
                class="mono"
                value={draft[key]}
                onInput={({ currentTarget }) => set({ [key]: currentTarget.value })}
              />
            </label>
          ))}
        {!isDefault && (
          <label class="wide">
            Attributes, one key=value per line
            <textarea
              class="mono"
              rows={2}
              value={attributes}
              onInput={({ currentTarget }) => setAttributes(currentTarget.value)}
            />
          </label>
        )}
      </div>
      {isDefault && <p class="muted">Only these two fields of the rule Default can be changed.</p>}
      <div class="form-actions">
        <button type="submit" class="primary">
          {rule ? 'Save' : 'Create'}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        {rule && !isDefault && (
          <button type="button" class="danger" onClick={() => send(deleteRule(rule.RuleName))}>
            Delete
          </button>
        )}
      </div>
    </form>
  );
}

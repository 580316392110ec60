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
        <NumberField
          label="Rate, percent"
          range={[0, 100]}
          step="any"
          value={Number((draft.FixedRate * 100).toPrecision(6))}
          onChange={(percent) => set({ FixedRate: percent / 100 })}
        />
        <NumberField
          label="Reservoir, requests per second"
          range={[0, 1_000_000]}
          value={draft.ReservoirSize}
          onChange={(ReservoirSize) => set({ ReservoirSize })}
        />
        {!isDefault && (
          <NumberField
            label="Priority, lowest first"
            range={[1, 9_999]}
            value={draft.Priority}
            onChange={(Priority) => set({ Priority })}
          />
        )}
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
      <FormActions
        submitLabel={rule ? 'Save' : 'Create'}
        onCancel={onCancel}
        onDelete={rule && !isDefault ? () => send(deleteRule(rule.RuleName)) : undefined}
      />
    </form>
  );
}

function FormActions(props: {
  readonly submitLabel: string;
  readonly onCancel: () => void;
  /** Without it, the rule cannot be deleted. */
  readonly onDelete: (() => void) | undefined;
}): JSX.Element {
  return (
    <div class="form-actions">
      <button type="submit" class="primary">
        {props.submitLabel}
      </button>
      <button type="button" onClick={props.onCancel}>
        Cancel
      </button>
      {props.onDelete && (
        <button type="button" class="danger" onClick={props.onDelete}>
          Delete
        </button>
      )}
    </div>
  );
}

function NumberField(props: {
  readonly label: string;
  readonly range: readonly [min: number, max: number];
  /** Default 1: whole numbers. */
  readonly step?: number | 'any';
  readonly value: number;
  readonly onChange: (value: number) => void;
}): JSX.Element {
  const [min, max] = props.range;
  return (
    <label>
      {props.label}
      <input
        type="number"
        required
        min={min}
        max={max}
        step={props.step ?? 1}
        value={props.value}
        onInput={({ currentTarget }) => props.onChange(Number(currentTarget.value))}
      />
    </label>
  );
}

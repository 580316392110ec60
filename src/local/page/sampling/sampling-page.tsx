import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { readLocal } from '../api.ts';
import { changes, rulesVersion } from '../live.ts';
import type { RuleCounters } from '../local-types.ts';
import { replaceLink } from '../location.ts';
import { linkTo } from '../route.ts';
import { Notice } from '../ui/empty.tsx';
import { useLoaded } from '../use-loaded.ts';
import { loadDecisions } from './decisions.ts';
import { Decisions } from './decisions-table.tsx';
import { Pollers } from './pollers.tsx';
import { RuleForm } from './rule-form.tsx';
import { RulesTable } from './rules-table.tsx';

/** Placeholder for a new rule in the address; names of rules have at most 32 characters. */
const NEW = '(new rule that has no name yet and is being made)';

/** Renders sampling rules, the clients that poll them, and the rule of each request. */
export function SamplingPage({ selected }: { readonly selected: string }): JSX.Element {
  const [saved, setSaved] = useState(0);
  const load = useCallback(
    async (signal: AbortSignal) =>
      (await readLocal<{ rules: readonly RuleCounters[] }>('/local/rules', signal)).rules,
    [],
  );
  const rules = useLoaded(load, 'rules', `${rulesVersion.value} ${saved}`);
  const decisions = useLoaded(loadDecisions, 'decisions', changes.value.version);
  const edited = rules.value?.find(({ rule }) => rule.RuleName === selected)?.rule;
  const edit = (name: string): void => replaceLink(linkTo('sampling', { rule: name }));
  const done = (): void => {
    edit('');
    setSaved((count) => count + 1);
  };
  return (
    <div class="page sampling-page">
      <header class="page-header">
        <div>
          <h1>Sampling</h1>
          <p class="muted">
            Apps fetch these rules every few minutes and report every 10 s. The first rule that
            matches a request applies.
          </p>
        </div>
        <button type="button" class="primary" onClick={() => edit(NEW)}>
          New rule
        </button>
      </header>
      {rules.error && <Notice text={rules.error.message} />}
      {(edited || selected === NEW) && (
        <RuleForm key={selected} rule={edited} onDone={done} onCancel={() => edit('')} />
      )}
      {rules.value && <RulesTable rules={rules.value} selected={selected} onEdit={edit} />}
      {rules.value && <Pollers rules={rules.value} />}
      {decisions.value && <Decisions decisions={decisions.value} />}
    </div>
  );
}

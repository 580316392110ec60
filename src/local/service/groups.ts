import { randomBytes } from 'node:crypto';
import { FilterError } from '../filter/error.ts';
import { type GroupLookup, parseFilter } from '../filter/parse.ts';
import { asList, asObject, asText, type JsonObject } from '../json.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid } from './errors.ts';
import { optionalFlag, optionalObject, optionalText, requiredText } from './input.ts';
import { pageOf } from './paging.ts';
import type { Tags } from './tags.ts';

interface Group {
  readonly name: string;
  readonly arn: string;
  readonly expression: string | undefined;
  readonly insights: boolean;
  readonly notifications: boolean;
}

const DEFAULT = 'Default';
const NAME = { min: 1, max: 32 };
const ARN = { min: 1, max: 400 };
const PAGE = 100;
const MAX_GROUPS = 1_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Groups of traces: a name for a filter expression. */
export class Groups {
  readonly #context: ServiceContext;
  readonly #tags: Tags;
  readonly #groups = new Map<string, Group>();

  constructor(context: ServiceContext, tags: Tags) {
    this.#context = context;
    this.#tags = tags;
    for (const each of asList(context.store.setting('groups'))) {
      const group = asObject(each) as unknown as Group;
      if (asText(group?.name) !== undefined) this.#groups.set(group.name, group);
    }
    tags.know((arn) => [...this.#groups.values()].some((group) => group.arn === arn));
  }

  /** For the filter language. */
  readonly lookup: GroupLookup = (by, value) => {
    if (value === DEFAULT || value === this.#default().arn) return '';
    const group =
      by === 'name'
        ? this.#groups.get(value)
        : [...this.#groups.values()].find((g) => g.arn === value);
    return group && (group.expression ?? '');
  };

  /** The expression that a request's `GroupName` or `GroupARN` stands for; `''` without either. */
  expressionOf(input: JsonObject): string {
    const { GroupName: name, GroupARN: arn } = input;
    if (name === undefined && arn === undefined) return '';
    return this.#find(input).expression ?? '';
  }

  operations(): Operations {
    return {
      '/CreateGroup': (input) => {
        const name = requiredText(input, 'GroupName', NAME);
        if (name === DEFAULT) throw invalid('the group Default always exists');
        if (this.#groups.size >= MAX_GROUPS) throw invalid(`the limit is ${MAX_GROUPS} groups`);
        if (this.#groups.has(name)) throw invalid(`a group ${JSON.stringify(name)} exists already`);
        const arn = `${this.#arnOf(name)}/${uniqueId()}`;
        const group = this.#changed(
          { name, arn, expression: undefined, insights: false, notifications: false },
          input,
        );
        this.#tags.setAtCreation(arn, input);
        this.#keep(group);
        return { Group: groupJson(group) };
      },
      '/GetGroup': (input) => ({ Group: groupJson(this.#find(input)) }),
      '/Groups': (input) => {
        const all = [this.#default(), ...this.#groups.values()].map(groupJson);
        const { items, NextToken } = pageOf(input, all, PAGE);
        return { Groups: items, NextToken };
      },
      '/UpdateGroup': (input) => {
        const group = this.#changed(this.#own(input), input);
        this.#keep(group);
        return { Group: groupJson(group) };
      },
      '/DeleteGroup': (input) => {
        const { name, arn } = this.#own(input);
        this.#groups.delete(name);
        this.#tags.drop(arn);
        this.#save();
        return {};
      },
    };
  }

  #changed(group: Group, input: JsonObject): Group {
    const expression = optionalText(input, 'FilterExpression') ?? group.expression;
    // Use the new expression of the group itself, to detect cycles.
    const lookup: GroupLookup = (by, value) =>
      value === (by === 'name' ? group.name : group.arn)
        ? (expression ?? '')
        : this.lookup(by, value);
    try {
      parseFilter(expression ?? '', lookup);
    } catch (error) {
      throw error instanceof FilterError ? invalid(error.message) : error;
    }
    const settings = optionalObject(input, 'InsightsConfiguration') ?? {};
    const insights = optionalFlag(settings, 'InsightsEnabled') ?? group.insights;
    const notifications = optionalFlag(settings, 'NotificationsEnabled') ?? group.notifications;
    if (notifications && !insights) throw invalid('NotificationsEnabled needs InsightsEnabled');
    return { ...group, expression, insights, notifications };
  }

  /** A group that may be changed. */
  #own(input: JsonObject): Group {
    const group = this.#find(input);
    if (group.name === DEFAULT) throw invalid('the group Default cannot be changed');
    return group;
  }

  #find(input: JsonObject): Group {
    const name = optionalText(input, 'GroupName', NAME);
    const arn = optionalText(input, 'GroupARN', ARN);
    if (name === undefined && arn === undefined) throw invalid('GroupName or GroupARN is required');
    const found = [this.#default(), ...this.#groups.values()].find(
      (group) =>
        (name === undefined || group.name === name) &&
        (arn === undefined || group.arn === arn || this.#arnOf(group.name) === arn),
    );
    if (found === undefined) throw invalid(`no group ${JSON.stringify(name ?? arn)}`);
    return found;
  }

  #default(): Group {
    const arn = this.#arnOf(DEFAULT);
    return { name: DEFAULT, arn, expression: undefined, insights: false, notifications: false };
  }

  /** Returns the ARN without the id at its end, which some X-Ray texts omit. */
  #arnOf(name: string): string {
    return `arn:aws:xray:${this.#context.region}:${this.#context.account}:group/${name}`;
  }

  #keep(group: Group): void {
    this.#groups.set(group.name, group);
    this.#save();
  }

  #save(): void {
    this.#context.store.setSetting('groups', [...this.#groups.values()]);
  }
}

function groupJson({ name, arn, expression, insights, notifications }: Group): object {
  return {
    GroupName: name,
    GroupARN: arn,
    FilterExpression: expression,
    InsightsConfiguration: { InsightsEnabled: insights, NotificationsEnabled: notifications },
  };
}

/** Returns a unique id, as X-Ray assigns to each new group. */
function uniqueId(): string {
  return [...randomBytes(26)].map((byte) => BASE32[byte % 32]).join('');
}

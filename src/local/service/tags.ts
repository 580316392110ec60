import { asObject, asText, type JsonObject } from '../json.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid, ServiceError } from './errors.ts';
import { objects, optionalList, requiredList, requiredText } from './input.ts';
import { pageOf } from './paging.ts';

const MAX_TAGS = 50;
const MAX_LISTED = 200;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const PAGE = 100;

/** Tags of groups and sampling rules. */
export class Tags {
  readonly #context: ServiceContext;
  readonly #tags = new Map<string, Map<string, string>>();
  readonly #knows: ((arn: string) => boolean)[] = [];

  constructor(context: ServiceContext) {
    this.#context = context;
    for (const [arn, tags] of Object.entries(asObject(context.store.setting('tags')) ?? {})) {
      const pairs = Object.entries(asObject(tags) ?? {});
      this.#tags.set(arn, new Map(pairs.map(([key, value]) => [key, asText(value) ?? ''])));
    }
  }

  /** Adds a predicate that tells which resources can have tags. */
  know(exists: (arn: string) => boolean): void {
    this.#knows.push(exists);
  }

  /** The `Tags` of a Create call. */
  setAtCreation(arn: string, input: JsonObject): void {
    const tags = tagsOf(optionalList(input, 'Tags', MAX_LISTED) ?? []);
    this.#set(arn, tags);
  }

  drop(arn: string): void {
    this.#tags.delete(arn);
    this.#save();
  }

  operations(): Operations {
    return {
      '/TagResource': (input) => {
        const arn = this.#arn(input);
        this.#set(arn, tagsOf(requiredList(input, 'Tags', MAX_LISTED)));
        return {};
      },
      '/UntagResource': (input) => {
        const arn = this.#arn(input);
        for (const key of requiredList(input, 'TagKeys', MAX_LISTED)) {
          this.#tags.get(arn)?.delete(String(key));
        }
        this.#save();
        return {};
      },
      '/ListTagsForResource': (input) => {
        const tags = [...(this.#tags.get(this.#arn(input)) ?? [])];
        const { items, NextToken } = pageOf(input, tags, PAGE);
        return { Tags: items.map(([Key, Value]) => ({ Key, Value })), NextToken };
      },
    };
  }

  #arn(input: JsonObject): string {
    const arn = requiredText(input, 'ResourceARN', { min: 1, max: 1011 });
    if (this.#knows.some((knows) => knows(arn))) return arn;
    throw new ServiceError('ResourceNotFoundException', `no group or sampling rule ${arn}`, {
      ResourceName: arn,
    });
  }

  #set(arn: string, tags: ReadonlyMap<string, string>): void {
    if (tags.size === 0) return;
    const after = new Map([...(this.#tags.get(arn) ?? []), ...tags]);
    if (after.size > MAX_TAGS) {
      throw new ServiceError('TooManyTagsException', `a resource is limited to ${MAX_TAGS} tags`, {
        ResourceName: arn,
      });
    }
    this.#tags.set(arn, after);
    this.#save();
  }

  #save(): void {
    const all = [...this.#tags].map(([arn, tags]) => [arn, Object.fromEntries(tags)] as const);
    this.#context.store.setSetting('tags', Object.fromEntries(all));
  }
}

function tagsOf(list: readonly unknown[]): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const tag of objects(list, 'Tags')) {
    const key = requiredText(tag, 'Key', { min: 1, max: 128 });
    const value = requiredText(tag, 'Value', { min: 0, max: 256 });
    if (!ALLOWED.test(key) || !ALLOWED.test(value)) {
      throw invalid(
        `tag ${JSON.stringify(key)}: only letters, digits, spaces and _.:/=+-@ are allowed`,
      );
    }
    if (/^aws:/i.test(key))
      throw invalid(`tag ${JSON.stringify(key)}: the prefix aws: is reserved`);
    tags.set(key, value);
  }
  return tags;
}

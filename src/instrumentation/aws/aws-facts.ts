import type { Attributes } from '@opentelemetry/api';

type Fields = Readonly<Record<string, unknown>>;

/** Only this many characters of a PartiQL statement are searched. */
const MAX_STATEMENT = 4_096;
/** The table of a statement: quoted, or up to a delimiter. */
const TABLE = /\b(?:FROM|INTO|UPDATE)\s+(?:"([^"]+)"|([\w-]+))/i;

/** Attributes that upstream's extensions do not provide, by service. */
const FACTS: Readonly<Record<string, (input: Fields) => Attributes>> = {
  DynamoDB(input) {
    const tables = tableNames(input);
    return tables.length === 0
      ? {}
      : {
          'aws.dynamodb.table_names': tables,
          ...(tables.length === 1 && { 'db.namespace': tables[0] as string }),
        };
  },
  Kinesis: ({ StreamName, StreamARN }) =>
    StreamName === undefined ? named('aws.kinesis.stream_name', resourceOfArn(StreamARN)) : {},
  Lambda({ FunctionName }) {
    const name = named('faas.invoked_name', FunctionName);
    return 'faas.invoked_name' in name ? { ...name, 'faas.invoked_provider': 'aws' } : {};
  },
  S3: ({ Key }) => named('aws.s3.key', Key),
};

/**
 * Returns attributes of a call that upstream's extensions for the services do not provide. Their
 * names are those of OpenTelemetry's semantic conventions.
 *
 * @param input the input of the command, of which nothing is known
 */
export function awsFacts(serviceName: string, input: unknown): Attributes {
  return Object.hasOwn(FACTS, serviceName) ? (FACTS[serviceName]?.(fieldsOf(input)) ?? {}) : {};
}

/**
 * Returns the input for upstream's extensions: without `undefined` values, which they treat as
 * present, and without telephone numbers, which they would record.
 */
export function publicInput(input: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fieldsOf(input))
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, key === 'PhoneNumber' ? 'phone_number' : value]),
  );
}

/**
 * Returns every table of a DynamoDB call: of an item, a batch, a transaction, PartiQL statements.
 */
function tableNames(input: Fields): string[] {
  const items = listOf(input['TransactItems']).flatMap((item) => Object.values(item));
  const statements = [
    input,
    ...listOf(input['Statements']),
    ...listOf(input['TransactStatements']),
  ].map(({ Statement }) => tableOfStatement(Statement));
  const names = [
    input['TableName'],
    ...Object.keys(fieldsOf(input['RequestItems'])),
    ...items.map((item) => fieldsOf(item)['TableName']),
    ...statements,
  ];
  return [...new Set(names.map(tableName).filter((name) => name !== undefined))];
}

function tableOfStatement(statement: unknown): string | undefined {
  if (typeof statement !== 'string') return undefined;
  const [, quoted, plain] = TABLE.exec(statement.slice(0, MAX_STATEMENT)) ?? [];
  return quoted ?? plain;
}

/** A table may be named by its ARN: `arn:aws:dynamodb:eu-west-1:123456789012:table/carts`. */
function tableName(name: unknown): string | undefined {
  return resourceOfArn(name) ?? (typeof name === 'string' && name !== '' ? name : undefined);
}

/** Returns `carts` for an ARN that ends with `table/carts` or `table/carts/index/i`. */
function resourceOfArn(arn: unknown): string | undefined {
  if (typeof arn !== 'string' || !arn.startsWith('arn:')) return undefined;
  return arn.split(':').slice(5).join(':').split('/')[1];
}

function named(attribute: string, value: unknown): Attributes {
  return typeof value === 'string' && value !== '' ? { [attribute]: value } : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

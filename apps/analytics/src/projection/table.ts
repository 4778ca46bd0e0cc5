/** SQL of a view's table: one `select` for the touched keys, one `unnest` upsert, one delete. */
import type { AnyRow, Columns, ColumnType, Key, Value, View } from './view.js';

export interface Queryable {
  query<R extends object = Record<string, unknown>>(
    text:
      | string
      | {
          readonly text: string;
          readonly values: readonly unknown[];
          readonly rowMode?: 'array';
          readonly query_timeout?: number;
        },
    values?: readonly unknown[],
  ): Promise<{ readonly rows: R[]; readonly rowCount: number | null }>;
}

export const SQL_TYPE = {
  text: 'text',
  json: 'text',
  int: 'bigint',
  real: 'double precision',
  bool: 'boolean',
} as const satisfies Readonly<Record<ColumnType, string>>;

/** @returns the table alone and its further indexes: a rebuild makes those once the table is full. */
export const createTable = (
  view: View,
  table: string,
): { readonly table: string; readonly indexes: readonly string[] } => {
  const columns = Object.entries(view.columns).map(
    ([name, type]) => `${name} ${SQL_TYPE[type]}${view.key.includes(name) ? ' not null' : ''}`,
  );
  return {
    table: `create table ${table} (${columns.join(', ')}, primary key (${view.key.join(', ')}))`,
    indexes: view.indexes.map((on) => `create index on ${table} (${on})`),
  };
};

/** Columns as PostgreSQL array literals: pg's own conversion of large arrays costs several times as much. */
export const columnArrays = (columns: Columns, names: readonly string[], rows: readonly AnyRow[]): readonly string[] =>
  names.map((name) => arrayLiteral(rows, name, columns[name] ?? 'text'));

const arrayLiteral = (rows: readonly AnyRow[], name: string, type: ColumnType): string => {
  const parts = new Array<string>(rows.length);
  for (let i = 0; i < rows.length; i++) parts[i] = element(rows[i]?.[name] ?? null, type);
  return `{${parts.join(',')}}`;
};

const element = (value: Value, type: ColumnType): string => {
  if (value === null) return 'NULL';
  if (type === 'bool') return value === true ? 't' : 'f';
  if (type === 'int') return Number.isSafeInteger(value) ? String(value) : integer(Number(value));
  if (type === 'real') return Number.isFinite(value) ? String(value) : 'NULL';
  return quoted(String(value));
};

const integer = (value: number): string => (Number.isFinite(value) ? BigInt(Math.round(value)).toString() : 'NULL');

/** PostgreSQL's text holds neither NUL nor lone surrogates; in a view they become U+FFFD, the archive keeps them escaped. */
const quoted = (text: string): string => {
  let clean = text.isWellFormed() ? text : text.toWellFormed();
  if (clean.includes('\u0000')) clean = clean.replaceAll('\u0000', '\ufffd');
  if (clean.includes('\\')) clean = clean.replaceAll('\\', '\\\\');
  return clean.includes('"') ? `"${clean.replaceAll('"', '\\"')}"` : `"${clean}"`;
};

export const arrayOf = (values: readonly Value[], type: ColumnType): string =>
  `{${values.map((value) => element(value, type)).join(',')}}`;

const params = (columns: Columns, names: readonly string[]): string =>
  names.map((name, i) => `$${i + 1}::${SQL_TYPE[columns[name] ?? 'text']}[]`).join(', ');

const keyArrays = (view: View, keys: readonly Key[]): readonly string[] =>
  view.key.map((name, i) =>
    arrayOf(
      keys.map((key) => key[i] ?? null),
      view.columns[name] ?? 'text',
    ),
  );

/** Stored rows of some keys. */
export const loadRows = async (
  db: Queryable,
  view: View,
  table: string,
  keys: readonly Key[],
): Promise<readonly AnyRow[]> => {
  if (keys.length === 0) return [];
  const one = view.key.length === 1 ? view.key[0] : undefined;
  const names = Object.keys(view.columns).map((name) => `t.${name}`);
  const text =
    one === undefined
      ? `select ${names.join(', ')} from unnest(${params(view.columns, view.key)}) as k(${view.key.join(', ')}) join ${table} t using (${view.key.join(', ')})`
      : `select ${names.join(', ')} from ${table} t where ${one} = any($1::${SQL_TYPE[view.columns[one] ?? 'text']}[])`;
  const { rows } = await db.query<Value[]>({ text, values: keyArrays(view, keys), rowMode: 'array' });
  return rows.map((values) => decode(view.columns, values));
};

/** bigint arrives as text from pg; our integers are safe ones. */
export const decode = (columns: Columns, values: readonly Value[]): AnyRow => {
  const row: Record<string, Value> = {};
  let i = 0;
  for (const name of Object.keys(columns)) {
    const value = values[i++] ?? null;
    row[name] = columns[name] === 'int' && value !== null ? Number(value) : value;
  }
  return row;
};

export const upsertRows = async (db: Queryable, view: View, table: string, rows: readonly AnyRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const names = Object.keys(view.columns);
  const rest = names.filter((name) => !view.key.includes(name));
  const change =
    rest.length === 0 ? 'do nothing' : `do update set ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  await db.query(
    `insert into ${table} (${names.join(', ')}) select * from unnest(${params(view.columns, names)}) on conflict (${view.key.join(', ')}) ${change}`,
    columnArrays(view.columns, names, rows),
  );
};

export const deleteRows = async (db: Queryable, view: View, table: string, keys: readonly Key[]): Promise<void> => {
  if (keys.length === 0) return;
  const match = view.key.map((name) => `t.${name} = k.${name}`).join(' and ');
  await db.query(
    `delete from ${table} t using unnest(${params(view.columns, view.key)}) as k(${view.key.join(', ')}) where ${match}`,
    keyArrays(view, keys),
  );
};

/** What intake keeps beside its streams: which records came before, where an account belongs, keys, parked input. */
import type { SqlStatement } from '@mora/eventing';
import type { Pool } from 'pg';
import type { Problem } from '../bank-record/record.js';
import type { Saying } from '../debtor/spoken.js';
import type { Channel } from '../inbound/outcome.js';
import type { KeyTable, WrappedKey } from '../keys/keyring.js';

/** Side row `bank-event|<id>`: a record that was taken. Persisted. */
export interface TakenRow {
  readonly hash: string;
}

/** Side row `account|<id>`: the case in which the account is worked, by its latest record. Persisted. */
export interface AccountRow {
  readonly debtorId: string;
  readonly caseId: string;
  readonly businessDate: string;
  readonly bankSequence: number;
  /** Of that record. */
  readonly channel: Channel;
}

/** Side row `debtor|<debtorId>`: who last said what of him, where that was said again and no event tells it. Persisted. */
export interface DebtorRow {
  readonly repeated: readonly Saying[];
}

/** Side row `number|<HMAC of the number>`: the debtors who have it. Persisted. */
export interface NumberRow {
  /** Who has it, in the order in which they took it; of many only the first. */
  readonly debtors: readonly string[];
  /** More had it once than are named: a bank's placeholder, taken for everybody's for ever. */
  readonly many?: true;
}

export const numberRowKey = (numberKey: string): string => `number|${numberKey}`;
export const takenKey = (bankEventId: string): string => `bank-event|${bankEventId}`;
export const debtorRowKey = (debtorId: string): string => `debtor|${debtorId}`;
export const accountKey = (accountId: string): string => `account|${accountId}`;

/** Rows of the side table, read without a lock; decisions look again under it. */
export interface SideTable {
  rows(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>>;
}

export interface ParkedInput {
  readonly id: string;
  readonly channel: Channel;
  readonly problems: readonly Problem[];
  /** Sealed under the intake key. */
  readonly raw: string;
  /** Of the record's bank event id, keyed; null: it has none, or no other record of that id replaces it. */
  readonly eventKey: string | null;
  readonly state: ParkedState;
  /** Wall time. */
  readonly receivedAt: string;
  readonly expiresAt: string;
  /** Keyed hash of what it waits for, such as a reversal for its payment; null: for a person. */
  readonly waitsFor: string | null;
}

/** `redriven`: taken when it was driven again; `replaced`: a later record of its bank event id was taken. Persisted. */
export const PARKED_STATES = ['parked', 'redriven', 'replaced'] as const;
export type ParkedState = (typeof PARKED_STATES)[number];

export interface ParkedFilter {
  readonly state?: ParkedState | undefined;
  readonly limit?: number | undefined;
  /** Part of the first problem as it is shown, `field reason`; capitals do not matter. */
  readonly reason?: string | undefined;
  /** Name of a file, without its folder. */
  readonly file?: string | undefined;
  /** Id of the last that is not wanted any more. */
  readonly after?: string | undefined;
}

export interface ParkedTable {
  /** What is parked already is there once, with the problems that were found last; what was closed stays closed. */
  park(rows: readonly ParkedInput[]): Promise<void>;
  /** The oldest first, those of one file by their lines. */
  list(filter: ParkedFilter): Promise<readonly ParkedInput[]>;
  /** Of all that the filter finds, whatever its limit. */
  count(filter: ParkedFilter): Promise<number>;
  find(id: string): Promise<ParkedInput | null>;
  /** Parked still, the oldest first. */
  waitingFor(keys: readonly string[]): Promise<readonly ParkedInput[]>;
  redriven(ids: readonly string[]): Promise<void>;
  /** Closes what is still parked under these keys. */
  replaced(eventKeys: readonly string[]): Promise<void>;
  /** @returns how many were dropped. */
  dropExpired(wallNow: string): Promise<number>;
}

export type IntakeTables = KeyTable & SideTable & ParkedTable;

/** Part of the transaction that writes the debtor's first event. */
export const keepKey = (debtorId: string, { keyId, wrapped }: WrappedKey): SqlStatement => ({
  text: 'insert into debtor_keys (debtor_id, key_id, wrapped_key) values ($1, $2, $3)',
  values: [debtorId, keyId, wrapped],
});

interface ParkedRow {
  readonly id: string;
  readonly channel: Channel['kind'];
  readonly name: string;
  readonly offset_no: string;
  readonly problems: string;
  readonly raw: string;
  readonly event_key: string | null;
  readonly state: ParkedState;
  readonly received_at: Date;
  readonly expires_at: Date;
  readonly waits_for: string | null;
}

const COLUMNS = 'id, channel, name, offset_no, problems, raw, event_key, state, received_at, expires_at, waits_for';
const ORDER = 'received_at, name, offset_no, id';
const WHERE = `($1::text is null or state = $1)
  and ($2::text is null or position(lower($2) in lower(field || ' ' || reason)) > 0)
  and ($3::text is null or (channel = 'file' and name = $3))`;

const wanted = ({ state, reason, file }: ParkedFilter) => [state ?? null, reason ?? null, file ?? null];

const parkedOf = (row: ParkedRow): ParkedInput => ({
  id: row.id,
  channel: { kind: row.channel, name: row.name, offset: Number(row.offset_no) },
  problems: JSON.parse(row.problems) as readonly Problem[],
  raw: row.raw,
  eventKey: row.event_key,
  state: row.state,
  receivedAt: row.received_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  waitsFor: row.waits_for,
});

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Injection token of {@link IntakeTables}. */
export const INTAKE_TABLES = Symbol('IntakeTables');

export const pgTables = (pool: Pool): IntakeTables => ({
  rows: async (keys) => {
    if (keys.length === 0) return new Map();
    const { rows } = await pool.query<{ key: string; row: string }>({
      name: 'intake_side',
      text: `select key, row from side_rows where key = any($1::text[]) and row <> 'null'`,
      values: [keys],
    });
    return new Map(rows.map(({ key, row }) => [key, JSON.parse(row) as unknown]));
  },
  wrappedKeys: async (debtorIds) => {
    const known = debtorIds.filter((id) => UUID.test(id));
    if (known.length === 0) return new Map();
    const { rows } = await pool.query<{ debtor_id: string; key_id: string; wrapped_key: string }>({
      name: 'intake_keys',
      text: 'select debtor_id, key_id, wrapped_key from debtor_keys where debtor_id = any($1::uuid[])',
      values: [known],
    });
    return new Map(rows.map((r) => [r.debtor_id, { keyId: r.key_id, wrapped: r.wrapped_key }]));
  },
  park: async (rows) => {
    if (rows.length === 0) return;
    // One statement changes a row once.
    const parked = [...new Map(rows.map((row) => [row.id, row])).values()];
    const first = parked.map((p) => p.problems[0]);
    await pool.query(
      `insert into parked_input (id, channel, name, offset_no, reason, field, value_hint, problems, raw, event_key, state, received_at, expires_at, waits_for)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::text[])
       on conflict (id) do update set (reason, field, value_hint, problems, event_key, waits_for) =
         (excluded.reason, excluded.field, excluded.value_hint, excluded.problems, excluded.event_key, excluded.waits_for)
       where parked_input.state = 'parked'`,
      [
        parked.map((p) => p.id),
        parked.map((p) => p.channel.kind),
        parked.map((p) => p.channel.name),
        parked.map((p) => p.channel.offset),
        first.map((p) => p?.reason ?? ''),
        first.map((p) => p?.field ?? ''),
        first.map((p) => p?.value ?? ''),
        parked.map((p) => JSON.stringify(p.problems)),
        parked.map((p) => p.raw),
        parked.map((p) => p.eventKey),
        parked.map((p) => p.state),
        parked.map((p) => p.receivedAt),
        parked.map((p) => p.expiresAt),
        parked.map((p) => p.waitsFor),
      ],
    );
  },
  list: async (filter) => {
    const after = filter.after !== undefined && UUID.test(filter.after) ? filter.after : null;
    const { rows } = await pool.query<ParkedRow>(
      `select ${COLUMNS} from parked_input
       where ${WHERE}
         and ($4::uuid is null or (${ORDER}) > (select ${ORDER} from parked_input where id = $4))
       order by ${ORDER} limit $5`,
      [...wanted(filter), after, filter.limit ?? 100],
    );
    return rows.map(parkedOf);
  },
  count: async (filter) => {
    const text = `select count(*)::int as n from parked_input where ${WHERE}`;
    const { rows } = await pool.query<{ n: number }>(text, wanted(filter));
    return rows[0]?.n ?? 0;
  },
  find: async (id) => {
    if (!UUID.test(id)) return null;
    const { rows } = await pool.query<ParkedRow>(`select ${COLUMNS} from parked_input where id = $1`, [id]);
    return rows[0] ? parkedOf(rows[0]) : null;
  },
  waitingFor: async (keys) => {
    if (keys.length === 0) return [];
    const { rows } = await pool.query<ParkedRow>(
      `select ${COLUMNS} from parked_input where waits_for = any($1::text[]) and state = 'parked' order by received_at, id`,
      [keys],
    );
    return rows.map(parkedOf);
  },
  redriven: async (ids) => {
    await pool.query(`update parked_input set state = 'redriven' where id = any($1::uuid[])`, [ids]);
  },
  replaced: async (eventKeys) => {
    await pool.query({
      name: 'intake_parked_replaced',
      text: `update parked_input set state = 'replaced' where event_key = any($1::text[]) and state = 'parked'`,
      values: [eventKeys],
    });
  },
  dropExpired: async (wallNow) =>
    (await pool.query('delete from parked_input where expires_at <= $1', [wallNow])).rowCount ?? 0,
});

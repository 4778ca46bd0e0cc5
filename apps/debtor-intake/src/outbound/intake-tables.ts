/** What intake keeps beside its streams: which records came before, where an account belongs, keys, parked input. */
import type { SqlStatement } from '@mora/eventing';
import type { Pool } from 'pg';
import type { Problem } from '../bank-record/record.js';
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

export const takenKey = (bankEventId: string): string => `bank-event|${bankEventId}`;
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
  readonly state: 'parked' | 'redriven';
  /** Wall time. */
  readonly receivedAt: string;
  readonly expiresAt: string;
  /** Keyed hash of what it waits for, such as a reversal for its payment; null: for a person. */
  readonly waitsFor: string | null;
}

export interface ParkedFilter {
  readonly state?: ParkedInput['state'];
  readonly limit?: number;
}

export interface ParkedTable {
  /** What is parked already stays as it is. */
  park(rows: readonly ParkedInput[]): Promise<void>;
  list(filter: ParkedFilter): Promise<readonly ParkedInput[]>;
  find(id: string): Promise<ParkedInput | null>;
  /** Parked still, the oldest first. */
  waitingFor(keys: readonly string[]): Promise<readonly ParkedInput[]>;
  redriven(id: string): Promise<void>;
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
  readonly state: ParkedInput['state'];
  readonly received_at: Date;
  readonly expires_at: Date;
  readonly waits_for: string | null;
}

const COLUMNS = 'id, channel, name, offset_no, problems, raw, state, received_at, expires_at, waits_for';

const parkedOf = (row: ParkedRow): ParkedInput => ({
  id: row.id,
  channel: { kind: row.channel, name: row.name, offset: Number(row.offset_no) },
  problems: JSON.parse(row.problems) as readonly Problem[],
  raw: row.raw,
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
  park: async (parked) => {
    if (parked.length === 0) return;
    const first = parked.map((p) => p.problems[0]);
    await pool.query(
      `insert into parked_input (id, channel, name, offset_no, reason, field, value_hint, problems, raw, state, received_at, expires_at, waits_for)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
         $13::text[])
       on conflict (id) do nothing`,
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
        parked.map((p) => p.state),
        parked.map((p) => p.receivedAt),
        parked.map((p) => p.expiresAt),
        parked.map((p) => p.waitsFor),
      ],
    );
  },
  list: async ({ state, limit }) => {
    const { rows } = await pool.query<ParkedRow>(
      `select ${COLUMNS} from parked_input where $1::text is null or state = $1 order by received_at, id limit $2`,
      [state ?? null, limit ?? 100],
    );
    return rows.map(parkedOf);
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
  redriven: async (id) => {
    await pool.query(`update parked_input set state = 'redriven' where id = $1`, [id]);
  },
  dropExpired: async (wallNow) =>
    (await pool.query('delete from parked_input where expires_at <= $1', [wallNow])).rowCount ?? 0,
});

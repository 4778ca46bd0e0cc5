/** How far intake is in each partition of the bank. The Kafka group's own offset is for lag displays only. */
import type { Pool } from 'pg';

/** Identity of a record that was seen: found again under its offset, the topic is still the same one. */
export interface Mark {
  readonly offset: number;
  readonly hash: string;
}

/** Persisted in `bank_offsets`. */
export interface Position {
  /** One more for each time that the partition was begun anew; a write of an older one comes to nothing. */
  readonly generation: number;
  /** Reading goes on here. */
  readonly next: number;
  /** Every record before is taken or parked, but for "posted through" that still waits for other partitions. */
  readonly paid: number;
  /** Every record before is taken or parked, but for those of any kind that wait for other partitions. */
  readonly taken: number;
  readonly mark: Mark | null;
}

export interface PartitionId {
  readonly topic: string;
  readonly partition: number;
}

export interface Cursor extends PartitionId {
  /** Every record before this offset is taken or parked. */
  readonly next: number;
  /** As `next`, but for records that wait for other partitions. */
  readonly taken: number;
}

export interface OffsetsTable {
  find(id: PartitionId): Promise<Position | null>;
  all(topics: readonly string[]): Promise<readonly (PartitionId & Position)[]>;
  /** Only forwards: of two processes that believe to own the partition each says what is true, and the highest counts. */
  move(id: PartitionId, position: Position): Promise<void>;
  /** Begins anew, unless somebody else just did. */
  restart(id: PartitionId, position: Position): Promise<void>;
}

interface Row {
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  readonly next_offset: string;
  readonly paid_to: string;
  readonly taken_to: string;
  readonly mark_offset: string | null;
  readonly mark_hash: string | null;
}

const positionOf = (row: Row): PartitionId & Position => ({
  topic: row.topic,
  partition: row.partition,
  generation: row.generation,
  next: Number(row.next_offset),
  paid: Number(row.paid_to),
  taken: Number(row.taken_to),
  mark: row.mark_hash === null ? null : { offset: Number(row.mark_offset), hash: row.mark_hash },
});

const COLUMNS = 'topic, partition, generation, next_offset, paid_to, taken_to, mark_offset, mark_hash';
const INSERT = `insert into bank_offsets (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (topic, partition) do update set moved_at = clock_timestamp(),`;

const FORWARDS = `${INSERT}
  next_offset = greatest(bank_offsets.next_offset, excluded.next_offset),
  paid_to = greatest(bank_offsets.paid_to, excluded.paid_to),
  taken_to = greatest(bank_offsets.taken_to, excluded.taken_to),
  mark_offset = excluded.mark_offset, mark_hash = excluded.mark_hash
  where bank_offsets.generation = excluded.generation`;

const ANEW = `${INSERT}
  generation = excluded.generation, next_offset = excluded.next_offset, paid_to = excluded.paid_to,
  taken_to = excluded.taken_to, mark_offset = excluded.mark_offset, mark_hash = excluded.mark_hash
  where bank_offsets.generation < excluded.generation`;

const values = ({ topic, partition }: PartitionId, { generation, next, paid, taken, mark }: Position) => [
  topic,
  partition,
  generation,
  next,
  paid,
  taken,
  mark?.offset ?? null,
  mark?.hash ?? null,
];

export const pgOffsets = (pool: Pool): OffsetsTable => ({
  find: async ({ topic, partition }) => {
    const { rows } = await pool.query<Row>(`select ${COLUMNS} from bank_offsets where topic = $1 and partition = $2`, [
      topic,
      partition,
    ]);
    return rows[0] ? positionOf(rows[0]) : null;
  },
  all: async (topics) => {
    const { rows } = await pool.query<Row>(
      `select ${COLUMNS} from bank_offsets where topic = any($1::text[]) order by topic, partition`,
      [topics],
    );
    return rows.map(positionOf);
  },
  move: async (id, position) => void (await pool.query(FORWARDS, values(id, position))),
  restart: async (id, position) => void (await pool.query(ANEW, values(id, position))),
});

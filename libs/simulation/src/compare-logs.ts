/**
 * Whether two runs made the same contacts: the carrier's and the SMSC's lines without wall times, sorted by number, business
 * time and kind, are identical. A line leaves as soon as the other side has its like, so that what is held is what differs.
 */
import type { CarrierRecord, SmscRecord } from './log-records.js';

export type LogLine = CarrierRecord | SmscRecord;

export interface LogCounts {
  readonly calls: number;
  readonly sms: number;
}

/** Lines of one number, business time and kind of which one side has none, or another. */
export interface LogDifference {
  readonly number: string;
  readonly businessAt: string;
  readonly kind: LogLine['kind'];
  /** Null: both have such a line, and `fields` tells what differs in them. */
  readonly onlyIn: 'a' | 'b' | null;
  /** A side that lacks the field has no value. */
  readonly fields: readonly { readonly field: string; readonly a?: unknown; readonly b?: unknown }[];
}

export interface LogComparison {
  readonly same: boolean;
  readonly a: LogCounts;
  readonly b: LogCounts;
  /** The first ones, by number, business time and kind. */
  readonly differences: readonly LogDifference[];
  /** Differences beyond those. */
  readonly more: number;
}

type Fields = Readonly<Record<string, unknown>> & Pick<LogLine, 'number' | 'businessAt' | 'kind'>;

const LOG_OF: Readonly<Record<LogLine['kind'], keyof LogCounts>> = {
  invite: 'calls',
  ringing: 'calls',
  answer: 'calls',
  cancel: 'calls',
  end: 'calls',
  submit: 'sms',
  receipt: 'sms',
  reply: 'sms',
};

/** Whether the carrier or the SMSC writes lines of this kind. */
export const isLogKind = (kind: unknown): kind is LogLine['kind'] =>
  typeof kind === 'string' && Object.hasOwn(LOG_OF, kind);

/** @param limit differences told at most */
export const compareLogs = (a: Iterable<LogLine>, b: Iterable<LogLine>, limit = 20): LogComparison => {
  const counts = { a: { calls: 0, sms: 0 }, b: { calls: 0, sms: 0 } };
  /** How often A has a line more often than B; below 0: B than A. */
  const surplus = new Map<string, number>();
  for (const [side, line] of inTurn(a, b)) {
    counts[side][LOG_OF[line.kind]] += 1;
    const text = comparedTextOf(line);
    const times = (surplus.get(text) ?? 0) + (side === 'a' ? 1 : -1);
    if (times === 0) surplus.delete(text);
    else surplus.set(text, times);
  }
  const all = differencesOf(surplus);
  const differences = all.slice(0, limit);
  return { same: all.length === 0, ...counts, differences, more: all.length - differences.length };
};

/** Two logs of the same contacts are nearly in the same order: read in turn, few lines wait for their like. */
function* inTurn(a: Iterable<LogLine>, b: Iterable<LogLine>): Generator<readonly ['a' | 'b', LogLine]> {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const ofA = left.next();
    if (!ofA.done) yield ['a', ofA.value];
    const ofB = right.next();
    if (!ofB.done) yield ['b', ofB.value];
    if (ofA.done && ofB.done) return;
  }
}

/**
 * `wallAt` tells how fast the machine was and is all that may differ: ids derive from the seed, and no line names a process.
 * In which order a build writes the fields says nothing.
 */
const comparedTextOf = ({ wallAt: _, ...line }: LogLine): string => JSON.stringify(line, sortedKeys);

const sortedKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => order(a, b)))
    : value;

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Group {
  readonly a: Fields[];
  readonly b: Fields[];
}

const differencesOf = (surplus: ReadonlyMap<string, number>): readonly LogDifference[] => {
  const groups = new Map<string, Group>();
  for (const text of [...surplus.keys()].sort(order)) {
    const times = surplus.get(text)!;
    const line = JSON.parse(text) as Fields;
    const key = `${line.number}|${line.businessAt}|${line.kind}`;
    const group = groups.get(key) ?? { a: [], b: [] };
    groups.set(key, group);
    for (let n = Math.abs(times); n > 0; n--) group[times > 0 ? 'a' : 'b'].push(line);
  }
  return [...groups.values()].flatMap(pairs).sort(inOrder);
};

const inOrder = (x: LogDifference, y: LogDifference): number =>
  order(x.number, y.number) || order(x.businessAt, y.businessAt) || order(x.kind, y.kind);

const pairs = ({ a, b }: Group): readonly LogDifference[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => difference(a[i], b[i]));

const difference = (a: Fields | undefined, b: Fields | undefined): LogDifference => {
  const { number, businessAt, kind } = (a ?? b)!;
  const where = { number, businessAt, kind };
  if (!a || !b) return { ...where, onlyIn: a ? 'a' : 'b', fields: [] };
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const fields = names
    .filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]))
    .map((field) => ({ field, a: a[field], b: b[field] }));
  return { ...where, onlyIn: null, fields };
};

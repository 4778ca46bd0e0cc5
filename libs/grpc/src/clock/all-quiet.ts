/** When a stepped clock that many processes follow may move: decided from what all of them said in two rounds. */
import type { Cursor } from '@mora/contracts';

/** Last event of a source's shard, as its owner knows it. */
export interface SourceHead extends Cursor {
  readonly source: string;
  readonly shard: number;
}

/** How far a processor has taken a source's shard in. */
export interface ProcessorCursor extends Cursor {
  readonly processor: string;
  readonly source: string;
  readonly shard: number;
}

/** What one process says of itself. */
export interface QuietAnswer {
  /** Another one after every start of the process. */
  readonly incarnation: string;
  /** Business time there. */
  readonly now: string;
  readonly quiet: boolean;
  /** Pieces of work begun since its start. */
  readonly begun: number;
  /** Next business instant at which it has something to do; null: none. */
  readonly nextDueAt: string | null;
  /** Of the stores that it owns. */
  readonly heads: readonly SourceHead[];
  readonly cursors: readonly ProcessorCursor[];
}

/** The answers of all processes, each asked once. The second round is asked when the first one is complete. */
export type QuietRound = readonly QuietAnswer[];

export type QuietVerdict =
  | { readonly quiet: true; readonly now: string; readonly nextDueAt: string | null }
  | { readonly quiet: false; readonly because: string };

/**
 * Quiet when between the rounds no process did anything and nothing was on its way: every process quiet with the same counter in
 * both, all at one instant, and every cursor at the head of its source. Replicas of a service count as the one that is furthest.
 */
export const allQuiet = ([first, second]: readonly [QuietRound, QuietRound]): QuietVerdict => {
  const because = whyBusy(first, second);
  if (because !== null) return { quiet: false, because };
  const dues = second.flatMap(({ nextDueAt }) => (nextDueAt === null ? [] : [nextDueAt]));
  return { quiet: true, now: second[0]!.now, nextDueAt: dues.length === 0 ? null : dues.reduce(earlier) };
};

const earlier = (a: string, b: string): string => (b < a ? b : a);

const whyBusy = (first: QuietRound, second: QuietRound): string | null => {
  if (second.length === 0 || first.length !== second.length) return 'not every process answered';
  const before = new Map(first.map((answer) => [answer.incarnation, answer]));
  if (before.size !== second.length || new Set(second.map((a) => a.incarnation)).size !== second.length)
    return 'not every process answered for itself';
  const { now } = second[0]!;
  for (const answer of second) {
    const { incarnation, begun } = answer;
    const was = before.get(incarnation);
    if (was === undefined) return `${incarnation} is new`;
    if (!was.quiet || !answer.quiet) return `${incarnation} is at work`;
    if (was.begun !== begun) return `${incarnation} began ${begun - was.begun} pieces of work between the rounds`;
    if (was.now !== now || answer.now !== now) return `${incarnation} is at another instant`;
  }
  return whyBehind(second);
};

const whyBehind = (round: QuietRound): string | null => {
  const heads = furthest(
    round.flatMap((answer) => answer.heads),
    ({ source, shard }) => `${source}/${shard}`,
  );
  const cursors = furthest(
    round.flatMap((answer) => answer.cursors),
    ({ processor, source, shard }) => `${processor} at ${source}/${shard}`,
  );
  for (const [name, cursor] of cursors) {
    const head = heads.get(`${cursor.source}/${cursor.shard}`);
    if (head === undefined) return `nobody knows the head of ${cursor.source}/${cursor.shard}`;
    if (head.position > 0 && compare(cursor, head) < 0) return `${name} is behind`;
  }
  return null;
};

const compare = (a: Cursor, b: Cursor): number => a.epoch - b.epoch || a.position - b.position;

const furthest = <T extends Cursor>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, T> => {
  const found = new Map<string, T>();
  for (const one of all) {
    const known = found.get(keyOf(one));
    if (known === undefined || compare(known, one) < 0) found.set(keyOf(one), one);
  }
  return found;
};

/** Which timers a batch sets and clears: what its streams' states want, and what became of those that fired. */
import { StreamUnreadable } from '../errors.js';
import type { StoreWrite, TimerRow } from '../store/store.js';
import type { Timer } from './aggregate.js';
import type { OpenStream } from './open-stream.js';

/** `dueAt` null: the row goes. */
export type TimerChange = Omit<TimerRow, 'dueAt'> & { readonly dueAt: string | null };

export class TimerChanges {
  /** By `stream/name`. */
  readonly rows = new Map<string, TimerChange>();

  note(change: TimerChange): void {
    this.rows.set(`${change.stream}/${change.name}`, change);
  }

  keep({ stream, name }: TimerRow): void {
    this.rows.delete(`${stream}/${name}`);
  }

  /** @returns whether the stream still wants the timer that fired; the row then goes, else it becomes what the state wants. */
  clear(timer: TimerRow, opened: OpenStream | undefined): boolean {
    const { shard, stream, name, subject } = timer;
    const wanted = opened?.aggregate.timersOf ? wantedOf(stream, opened)?.find((t) => t.name === name) : timer;
    const stillWanted = wanted?.dueAt === timer.dueAt;
    const dueAt = stillWanted || !wanted ? null : wanted.dueAt;
    this.note({ shard, stream, name, subject, dueAt });
    return stillWanted;
  }

  write(): Pick<StoreWrite, 'setTimers' | 'clearTimers'> {
    const timers = [...this.rows.values()];
    return {
      setTimers: timers.filter((t): t is TimerRow => t.dueAt !== null),
      clearTimers: timers.filter((t) => t.dueAt === null).map(({ shard, stream, name }) => ({ shard, stream, name })),
    };
  }
}

/** @throws StreamUnreadable */
const wantedOf = (stream: string, { aggregate, state }: OpenStream): readonly Timer[] => {
  try {
    return aggregate.timersOf?.(state) ?? [];
  } catch (error) {
    throw new StreamUnreadable(stream, error);
  }
};

/** How the wished timers of a stream changed. */
export const retime = (stream: string, before: OpenStream, after: OpenStream): TimerChange[] => {
  if (!after.aggregate.timersOf) return [];
  const { shard, subject } = after;
  const had = new Map(wantedOf(stream, before).map((t: Timer) => [t.name, t.dueAt]));
  const changes: TimerChange[] = [];
  for (const { name, dueAt } of wantedOf(stream, after)) {
    if (had.get(name) !== dueAt) changes.push({ shard, stream, name, dueAt, subject });
    had.delete(name);
  }
  for (const name of had.keys()) changes.push({ shard, stream, name, dueAt: null, subject });
  return changes;
};

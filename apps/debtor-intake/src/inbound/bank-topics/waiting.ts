/**
 * Records that wait until other partitions are taken as far as they went. Payments go first: "posted through" speaks for
 * those that waited, too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '@mora/eventing';
import type { PartitionId, Position } from './offsets.js';
import { type Extent, isPassed, keyOf, type Progress, type WaitingRecord } from './progress.js';

export interface WaitingDeps {
  readonly activity: Activity;
  readonly partitions: ReadonlyMap<string, Progress>;
  readonly extents: () => Promise<ReadonlyMap<string, Extent>>;
  readonly positions: () => Promise<readonly (PartitionId & Position)[]>;
  /** Takes what is ready, or parks it. */
  readonly take: (records: readonly WaitingRecord[]) => Promise<void>;
  readonly checkpoint: (progress: Progress) => Promise<void>;
  readonly settled: (progress: Progress) => void;
}

const LOOK_MS = 200;

export class Waiting {
  /** Work that is known but not done: the stepped clock stands still for it. */
  private readonly ends = new Map<WaitingRecord, () => void>();
  private settling: Promise<void> = Promise.resolve();

  constructor(private readonly deps: WaitingDeps) {}

  get count(): number {
    return this.ends.size;
  }

  hold(progress: Progress, record: WaitingRecord): void {
    progress.waiting.push(record);
    this.ends.set(record, this.deps.activity.begin());
  }

  /** They will be read again. */
  letGo(records: Iterable<WaitingRecord> = [...this.ends.keys()]): void {
    for (const record of records) {
      this.ends.get(record)?.();
      this.ends.delete(record);
    }
  }

  async look(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted && this.count > 0) await this.settle().catch(onError);
    }
  }

  /** Takes what has waited long enough, in order. One at a time: whoever asks meanwhile gets the next round. */
  settle(): Promise<void> {
    this.settling = this.idle().then(async () => {
      await this.settleKind('payment', ({ taken }) => taken);
      await this.settleKind('posted-through', ({ paid }) => paid);
    });
    return this.settling;
  }

  /** Resolves when no round is under way. */
  idle(): Promise<void> {
    return this.settling.catch(() => undefined);
  }

  private async settleKind(kind: WaitingRecord['kind'], reached: (position: Position) => number): Promise<void> {
    const { deps } = this;
    const partitions = [...deps.partitions.values()].filter(({ waiting }) =>
      waiting.some((held) => held.kind === kind),
    );
    if (partitions.length === 0) return;
    const [extents, rows] = [await deps.extents(), await deps.positions()];
    const at = new Map(rows.map((row) => [keyOf(row), reached(row)]));
    for (const progress of partitions) {
      const ready = progress.waiting.filter((held) => held.kind === kind && isPassed(held.barrier, at, extents));
      if (ready.length === 0) continue;
      await deps.take(ready);
      const done = new Set(ready);
      progress.waiting.splice(0, progress.waiting.length, ...progress.waiting.filter((held) => !done.has(held)));
      try {
        await deps.checkpoint(progress);
      } finally {
        this.letGo(ready);
      }
      deps.settled(progress);
    }
  }
}

/**
 * Who may take what when: one mailbox per shard; a lane takes what queued in every mailbox that no other lane holds. Nobody
 * waits for company, and no shard is in two lanes.
 */
import { StoreUnavailable } from '../errors.js';
import type { Item } from './item.js';

export interface LanesOptions {
  readonly shards: number;
  /** At once. */
  readonly lanes: number;
  /** About as many are taken at once. */
  readonly maxItems: number;
  /** So long a lane may take, wall milliseconds; then its items fail as what is not known, and its shards are free. */
  readonly longestMs: number;
  /** Never rejects: every item hears of its end. */
  readonly work: (items: readonly Item[]) => Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Lanes {
  private readonly mailboxes: Item[][];
  private readonly busyShards = new Set<number>();
  private running = 0;
  private scheduled = false;
  private held = false;

  constructor(private readonly options: LanesOptions) {
    this.mailboxes = Array.from({ length: options.shards }, () => []);
  }

  put(item: Item): void {
    this.putBack(item);
    this.schedule();
  }

  /** For a lane, which looks into every mailbox again when it ends. */
  putBack(item: Item): void {
    this.mailboxes[item.shard]!.push(item);
  }

  /** Runs `work` while no lane runs. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.held) await turn();
    this.held = true;
    while (this.running > 0) await turn();
    try {
      return await work();
    } finally {
      this.held = false;
      this.schedule();
    }
  }

  async drained(): Promise<void> {
    while (this.running > 0 || this.mailboxes.some((m) => m.length > 0)) await new Promise((r) => setTimeout(r, 2));
  }

  private schedule(): void {
    if (this.scheduled || this.held || this.running >= this.options.lanes) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (!this.held && this.running < this.options.lanes) {
        const items = this.pick();
        if (items.length === 0) return;
        void this.lane(items);
      }
    });
  }

  private pick(): Item[] {
    const max = this.options.maxItems;
    const items: Item[] = [];
    for (let shard = 0; shard < this.mailboxes.length && items.length < max; shard++) {
      const mailbox = this.mailboxes[shard]!;
      if (mailbox.length === 0 || this.busyShards.has(shard)) continue;
      this.busyShards.add(shard);
      items.push(...mailbox.splice(0, max));
    }
    return items;
  }

  /** What a lane that was given up still does is judged by the store: its heads have moved on, or they have not. */
  private async withinLongest(work: Promise<void>, items: readonly Item[]): Promise<void> {
    const { longestMs } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const error = new StoreUnavailable(`the store did not end a write within ${longestMs} ms; it is given up`);
        for (const item of items) item.reject(error);
        resolve();
      }, longestMs);
    });
    await Promise.race([work, late]);
    clearTimeout(timer);
  }

  private async lane(items: readonly Item[]): Promise<void> {
    this.running += 1;
    try {
      await this.withinLongest(this.options.work(items), items);
    } finally {
      this.running -= 1;
      for (const item of items) this.busyShards.delete(item.shard);
      this.schedule();
      for (const item of items) item.end();
    }
  }
}

/**
 * An event that cannot be decoded or decided on is parked with its cause; the debtor's later events of that source wait
 * behind it, other debtors go on. Many parks at once are our bug, not the data's: then the loop stops.
 */

/** Subjects with a parked event, per (source, shard) of one processor. */
export class ParkedSubjects {
  private readonly subjects = new Map<string, Set<string>>();

  private of(source: string, shard: number): Set<string> {
    const key = `${source}/${shard}`;
    const set = this.subjects.get(key) ?? new Set<string>();
    this.subjects.set(key, set);
    return set;
  }

  has(source: string, shard: number, subject: string): boolean {
    return this.subjects.get(`${source}/${shard}`)?.has(subject) ?? false;
  }

  add(source: string, shard: number, subject: string): void {
    this.of(source, shard).add(subject);
  }

  remove(source: string, shard: number, subject: string): void {
    this.of(source, shard).delete(subject);
  }

  replace(source: string, shard: number, subjects: readonly string[]): void {
    this.subjects.set(`${source}/${shard}`, new Set(subjects));
  }

  /** True when any source of this debtor is parked. */
  hasAny(subject: string): boolean {
    for (const set of this.subjects.values()) if (set.has(subject)) return true;
    return false;
  }

  get size(): number {
    let n = 0;
    for (const set of this.subjects.values()) n += set.size;
    return n;
  }
}

/** What became of an event: parked for a fault of its own, or waiting behind such a one. */
export type Fate = 'taken' | 'parked' | 'waits';

/**
 * More than 20 debtors in a row, or 5 % of the last 1,000 events, of a feed of our own. What waits behind a parked event says
 * nothing of either.
 */
export class ParkAlarm {
  private row = new Set<string>();
  private last: Uint8Array;
  private noted = 0;
  private parkedInLast = 0;

  constructor(
    private readonly maxRow = 20,
    private readonly window = 1000,
    private readonly maxShare = 0.05,
  ) {
    this.last = new Uint8Array(window);
  }

  /** For a batch that may be decided again: what it notes counts once it is committed. */
  fork(): ParkAlarm {
    const copy = new ParkAlarm(this.maxRow, this.window, this.maxShare);
    copy.row = new Set(this.row);
    copy.last = this.last.slice();
    copy.noted = this.noted;
    copy.parkedInLast = this.parkedInLast;
    return copy;
  }

  /** @returns the reason to stop, or null. */
  note(subject: string, fate: Fate): string | null {
    if (fate === 'waits') return null;
    if (fate === 'parked') this.row.add(subject);
    else this.row.clear();
    this.remember(fate === 'parked' ? 1 : 0);
    if (this.row.size > this.maxRow) return `${this.row.size} debtors in a row could not be processed`;
    if (this.noted >= this.window && this.parkedInLast > this.window * this.maxShare)
      return `${this.parkedInLast} of the last ${this.window} events could not be processed`;
    return null;
  }

  private remember(parked: 0 | 1): void {
    const place = this.noted % this.window;
    this.parkedInLast += parked - this.last[place]!;
    this.last[place] = parked;
    this.noted += 1;
  }
}

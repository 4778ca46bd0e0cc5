/**
 * What this process knows of its store's history: the server on which the present epoch was begun, and how far each shard was
 * read or written. A server, or a shard, that says otherwise is another history: nothing is appended before a new epoch began.
 */
import type { Head } from '@mora/eventing';
import type { QueryResultRow } from 'pg';
import { type ServerIdentity, sameServer } from './identity.js';

export type HeadRow = Head & QueryResultRow & { readonly epoch: number };

type Reached = ReadonlyMap<number, Pick<Head, 'position' | 'lastAt'>>;

/** Taken before a question whose answer is compared with it: meanwhile this process may write. */
export interface Remembered {
  readonly epoch: number;
  readonly reached: Reached;
}

export const OTHER_SERVER = 'another server or timeline';

export class KnownHistory {
  private server: ServerIdentity | null = null;
  private epoch = 0;
  private readonly reached = new Map<number, Pick<Head, 'position' | 'lastAt'>>();
  private difference: string | null = null;

  constructor(private readonly source: string) {}

  /** Why nothing may be appended before a new epoch began; null: nothing differs. */
  get suspicion(): string | null {
    return this.difference;
  }

  remembered(): Remembered {
    return { epoch: this.epoch, reached: new Map(this.reached) };
  }

  meet(server: ServerIdentity): void {
    if (this.server && !sameServer(this.server, server)) this.difference ??= OTHER_SERVER;
  }

  compare(heads: readonly HeadRow[], before: Remembered): void {
    for (const head of heads) {
      const why = differenceOf(this.source, head, before);
      if (why !== null && before.epoch === this.epoch) this.difference ??= why;
      if (why === null) this.note(head.epoch, head);
    }
  }

  note(epoch: number, { shard, position, lastAt }: Head): void {
    if (epoch !== this.epoch || position < (this.reached.get(shard)?.position ?? 0)) return;
    this.reached.set(shard, { position, lastAt });
  }

  /** @returns how many events of a shard this process knows beyond `position` */
  beyond(shard: number, position: number): number {
    return Math.max(0, (this.reached.get(shard)?.position ?? 0) - position);
  }

  inEpoch(epoch: number): void {
    if (epoch > this.epoch) this.reached.clear();
    this.epoch = Math.max(epoch, this.epoch);
  }

  /** It is this one, and the present epoch is its. */
  accept(server: ServerIdentity): void {
    this.server = server;
    this.difference = null;
  }
}

const differenceOf = (source: string, head: HeadRow, { epoch, reached }: Remembered): string | null => {
  const known = reached.get(head.shard);
  if (head.epoch < epoch) return `${source} was in epoch ${epoch}, its store now is in ${head.epoch}`;
  if (head.epoch > epoch || known === undefined) return null;
  if (head.position < known.position)
    return `${source} shard ${head.shard} had ${known.position} events, its store now has ${head.position}`;
  if (head.position === known.position && head.lastAt !== known.lastAt)
    return `${source} shard ${head.shard} ends with another event than it did`;
  return null;
};

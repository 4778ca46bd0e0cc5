/**
 * What was last recorded of a debtor, in memory: the bank repeats names and numbers every day, and sealing them costs more
 * than all the rest of a record. The digest is of the clear text and never leaves the process; the decision still compares
 * the content's hash with the stream's.
 */
import { createHash } from 'node:crypto';
import type { DebtorContent } from '../bank-record/record.js';

const MOST = 100_000;

export class ContentMemory {
  private readonly known = new Map<string, { readonly digest: string; readonly contentHash: string }>();

  /** Hash under which this very content was recorded; null: it must be sealed and hashed anew. */
  hashOf(debtorId: string, content: DebtorContent): string | null {
    const held = this.known.get(debtorId);
    return held?.digest === digestOf(content) ? held.contentHash : null;
  }

  remember(debtorId: string, content: DebtorContent, contentHash: string): void {
    this.known.delete(debtorId);
    if (this.known.size >= MOST) this.known.delete(this.known.keys().next().value!);
    this.known.set(debtorId, { digest: digestOf(content), contentHash });
  }

  forget(debtorId: string): void {
    this.known.delete(debtorId);
  }
}

const digestOf = (content: DebtorContent): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64');

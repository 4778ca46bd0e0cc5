/**
 * What was last recorded of a debtor, in memory: the bank repeats names and numbers every day, and sealing them costs more
 * than all the rest of a record. The digest is of the clear text and never leaves the process; the decision still compares
 * the content's hash with the stream's.
 */
import { createHash } from 'node:crypto';
import type { DebtorContent } from '../bank-record/record.js';
import { DEBTOR_FIELDS } from '../debtor/debtor.js';

const MOST = 100_000;

/** Several accounts of one debtor may say different parts of him. */
const MOST_OF_ONE = 8;

/** What one record says of the debtor. */
interface Said {
  readonly debtor: DebtorContent;
  readonly said: readonly string[];
}

export class ContentMemory {
  private readonly known = new Map<string, { readonly contentHash: string; readonly digests: readonly string[] }>();

  /** Hash of the recorded content that holds all this; null: it must be sealed and hashed anew. */
  hashOf(debtorId: string, record: Said): string | null {
    const held = this.known.get(debtorId);
    return held?.digests.includes(digestOf(record)) ? held.contentHash : null;
  }

  remember(debtorId: string, record: Said, contentHash: string): void {
    const held = this.known.get(debtorId);
    const before = held?.contentHash === contentHash ? held.digests : [];
    this.known.delete(debtorId);
    if (this.known.size >= MOST) this.known.delete(this.known.keys().next().value!);
    this.known.set(debtorId, { contentHash, digests: [...before.slice(1 - MOST_OF_ONE), digestOf(record)] });
  }

  forget(debtorId: string): void {
    this.known.delete(debtorId);
  }
}

const digestOf = ({ debtor, said }: Said): string =>
  createHash('sha256')
    .update(JSON.stringify([debtor, said.filter((field) => DEBTOR_FIELDS.includes(field))]))
    .digest('base64');

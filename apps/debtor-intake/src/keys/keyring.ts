/** The debtors' data keys: unwrapped on demand, in memory for at most five minutes. */
import type { FieldKey, Secrets } from '@mora/keys';
import { keyIdFor } from '@mora/keys';
import type { Kms } from './kms.js';

export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: string;
}

export interface KeyTable {
  wrappedKeys(debtorIds: readonly string[]): Promise<ReadonlyMap<string, WrappedKey>>;
}

/** A debtor's key; `fresh`: not stored yet, it must be with the debtor's first event. */
export interface DebtorKey extends FieldKey {
  readonly fresh: WrappedKey | null;
}

const LIFE_MS = 300_000;
const MOST = 50_000;

export class Keyring {
  private readonly cache = new Map<string, { readonly key: FieldKey; readonly until: number }>();

  constructor(
    private readonly table: KeyTable,
    private readonly kms: Kms,
    private readonly secrets: Pick<Secrets, 'newKey'>,
    private readonly wall: () => number,
  ) {}

  /** Null: there is none, or it was erased. */
  async find(debtorId: string): Promise<FieldKey | null> {
    return (await this.findAll([debtorId])).get(debtorId) ?? null;
  }

  /** Keys of debtors, made where there are none. */
  async obtain(debtorIds: readonly string[]): Promise<ReadonlyMap<string, DebtorKey>> {
    const found = await this.findAll(debtorIds);
    const all = new Map<string, DebtorKey>();
    for (const debtorId of new Set(debtorIds)) {
      const key = found.get(debtorId);
      all.set(debtorId, key ? { ...key, fresh: null } : await this.make(debtorId));
    }
    return all;
  }

  /** Keys that there are. */
  known(debtorIds: readonly string[]): Promise<ReadonlyMap<string, FieldKey>> {
    return this.findAll(debtorIds);
  }

  forget(debtorId: string): void {
    this.cache.delete(debtorId);
  }

  private async make(debtorId: string): Promise<DebtorKey> {
    const key = this.secrets.newKey(debtorId);
    const keyId = keyIdFor(key);
    return { keyId, key, fresh: { keyId, wrapped: await this.kms.wrap(debtorId, key) } };
  }

  private async findAll(debtorIds: readonly string[]): Promise<ReadonlyMap<string, FieldKey>> {
    const now = this.wall();
    const found = new Map<string, FieldKey>();
    const missing: string[] = [];
    for (const debtorId of new Set(debtorIds)) {
      const held = this.cache.get(debtorId);
      if (held && held.until > now) found.set(debtorId, held.key);
      else missing.push(debtorId);
    }
    if (missing.length === 0) return found;
    for (const [debtorId, { keyId, wrapped }] of await this.table.wrappedKeys(missing)) {
      const key = { keyId, key: await this.kms.unwrap(debtorId, wrapped) };
      found.set(debtorId, key);
      this.hold(debtorId, key, now);
    }
    return found;
  }

  /** A key's bytes are copied: 32 bytes cut from Node's buffer pool would keep the whole pool in memory. */
  private hold(debtorId: string, { keyId, key }: FieldKey, now: number): void {
    this.cache.delete(debtorId);
    for (const [oldest, { until }] of this.cache) {
      if (until > now && this.cache.size < MOST) break;
      this.cache.delete(oldest);
    }
    this.cache.set(debtorId, { key: { keyId, key: new Uint8Array(key) }, until: now + LIFE_MS });
  }
}

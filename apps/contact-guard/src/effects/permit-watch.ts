/** Who holds an open permit, in memory: a halt of a shard must reach them without reading every debtor. */
import type { EventEnvelope } from '@mora/contracts';

/** Stands for permits found again after a restart, whose contact ids are in their streams. */
const FOUND_AGAIN = '*';

export class PermitWatch {
  private readonly shards = new Map<number, Map<string, Set<string>>>();

  note(event: EventEnvelope): void {
    const { contactId } = event.data as { readonly contactId: string };
    switch (event.type) {
      case 'ContactPermitted':
        return this.open(event.shard, event.subject, contactId);
      case 'ReservationConfirmed':
      case 'ReservationReleased':
      case 'PermitRevoked':
        return this.close(event.shard, event.subject, contactId);
    }
  }

  found(shard: number, debtorId: string): void {
    this.open(shard, debtorId, FOUND_AGAIN);
  }

  holders(shard: number): readonly string[] {
    return [...(this.shards.get(shard)?.keys() ?? [])];
  }

  private open(shard: number, debtorId: string, contactId: string): void {
    const debtors = this.shards.get(shard) ?? new Map<string, Set<string>>();
    this.shards.set(shard, debtors);
    debtors.set(debtorId, (debtors.get(debtorId) ?? new Set()).add(contactId));
  }

  private close(shard: number, debtorId: string, contactId: string): void {
    const open = this.shards.get(shard)?.get(debtorId);
    open?.delete(contactId);
    if (open?.size === 0) this.shards.get(shard)?.delete(debtorId);
  }
}

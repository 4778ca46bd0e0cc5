/** Published policies in memory: the parts of each hash, joined when all have come. */
import type { PolicyEvent } from '@mora/contracts';

export type PublishedPart = Extract<PolicyEvent, { type: 'PolicyPublished' }>['data'];

export class PolicyTexts {
  private readonly parts = new Map<string, Map<number, string>>();
  private readonly whole = new Map<string, string>();

  get(hash: string): string | undefined {
    return this.whole.get(hash);
  }

  note(published: PublishedPart): void {
    const parts = this.parts.get(published.hash) ?? new Map<number, string>();
    this.parts.set(published.hash, parts);
    parts.set(published.part, published.blob);
    if (parts.size < published.parts) return;
    this.whole.set(
      published.hash,
      [...parts]
        .sort(([a], [b]) => a - b)
        .map(([, blob]) => blob)
        .join(''),
    );
  }
}

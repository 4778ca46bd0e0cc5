/** Published policies in memory: the parts of each hash, joined when all have come. */
import type { EventEnvelope, PolicyEvent } from '@mora/contracts';
import { type Activity, type EventFeed, START } from '@mora/eventing';

const RETRY_MS = 500;

type Published = Extract<PolicyEvent, { type: 'PolicyPublished' }>['data'];

export class PolicyTexts {
  private readonly parts = new Map<string, Map<number, string>>();
  private readonly whole = new Map<string, string>();

  get(hash: string): string | undefined {
    return this.whole.get(hash);
  }

  note(published: Published): void {
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

  /** Reads all that is there, then what comes; a source that does not answer is asked again. @returns ends the subscription. */
  async follow(feed: Pick<EventFeed, 'read' | 'onMore'>, activity: Activity): Promise<() => void> {
    let cursor = START;
    let reading: Promise<void> = Promise.resolve();
    let later: NodeJS.Timeout | undefined;
    let isOver = false;
    const askLater = () => {
      clearTimeout(later);
      if (!isOver) later = setTimeout(wake, RETRY_MS).unref();
    };
    const readOn = async () => {
      for (;;) {
        const { events } = await feed.read({ shard: 0, after: cursor, limit: 100 });
        for (const event of events as readonly EventEnvelope<string, Published>[])
          if (event.type === 'PolicyPublished') this.note(event.data);
        const last = events.at(-1);
        if (!last) return;
        cursor = { epoch: last.epoch, position: last.position };
      }
    };
    const wake = () => {
      const end = activity.begin();
      reading = reading.then(readOn).catch(askLater).finally(end);
      return reading;
    };
    const unsubscribe = feed.onMore(() => void wake());
    await wake();
    return () => {
      isOver = true;
      clearTimeout(later);
      unsubscribe();
    };
  }
}

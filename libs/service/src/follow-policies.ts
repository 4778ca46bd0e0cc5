/** Keeps the texts of published policies up with their source. */
import type { EventEnvelope } from '@mora/contracts';
import { type Activity, type EventFeed, START } from '@mora/eventing';
import type { PolicyTexts, PublishedPart } from '@mora/strategy';

const RETRY_MS = 500;

/** Reads all that is there, then what comes; a source that does not answer is asked again. @returns ends the subscription. */
export const followPolicies = async (
  texts: PolicyTexts,
  feed: Pick<EventFeed, 'read' | 'onMore'>,
  activity: Activity,
): Promise<() => void> => {
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
      for (const event of events as readonly EventEnvelope<string, PublishedPart>[])
        if (event.type === 'PolicyPublished') texts.note(event.data);
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
};

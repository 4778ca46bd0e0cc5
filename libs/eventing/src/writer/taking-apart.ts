/**
 * A batch with a value that the store cannot hold, or with a bug that only the store meets, is taken apart, so that only the culprit is refused or parked: first item by
 * item, then a feed batch event by event.
 */
import { hasCulprit } from '../errors.js';
import type { ParkedEvent } from '../store/store.js';
import { type FeedOutcome, type FeedStep, type FeedWork, failed, isOutcome, type Park, WAITS } from './feed-work.js';
import type { Item } from './item.js';
import type { Writing } from './writing.js';

/** Never rejects: every item hears of its end. */
export const writeOrTakeApart = async (writing: Writing, items: readonly Item[]): Promise<void> => {
  try {
    if (!(await writing.optimistic(items))) await writing.underLock(items);
  } catch (error) {
    writing.failed(items, error);
    if (!hasCulprit(error)) for (const item of items) item.reject(error);
    else if (items.length > 1) for (const item of items) await writeOrTakeApart(writing, [item]);
    else await isolate(writing, items[0]!, error);
  }
};

/** A feed batch with an event that cannot be stored is taken event by event, and that event is parked. */
const isolate = async (writing: Writing, item: Item, error: unknown): Promise<void> => {
  const { feed } = item;
  if (!feed || feed.steps.every((step) => step.park)) return item.reject(error);
  const isAlone = feed.steps.length === 1;
  const parked: ParkedEvent[] = [];
  const waiting = new Set<string>();
  let { from, alarm } = feed;
  for (const step of feed.steps) {
    const { event } = step;
    const park = isAlone ? failed(error) : waiting.has(event.subject) ? WAITS : null;
    const outcome = await takeOne(writing, item, {
      ...feed,
      ...(alarm && { alarm }),
      from,
      steps: [park ? parkedStep(step, park) : step],
    });
    if (!isOutcome(outcome)) return item.reject(outcome);
    if (outcome.status !== 'done') return item.resolve(outcome);
    parked.push(...outcome.parked);
    for (const p of outcome.parked) waiting.add(p.subject);
    const before = feed.steps.indexOf(step);
    if (outcome.taken === 0) return item.resolve({ ...outcome, parked, taken: before });
    if (outcome.stopped !== undefined) return item.resolve({ ...outcome, parked, taken: before + 1 });
    alarm = outcome.alarm;
    from = { epoch: event.epoch, position: event.position };
  }
  const value: FeedOutcome = { status: 'done', parked, taken: feed.steps.length, ...(alarm && { alarm }) };
  item.resolve(value);
};

const parkedStep = ({ event }: FeedStep, park: Park): FeedStep => ({ event, commands: [], park });

/** @returns what came of it, or the error it ended with. */
const takeOne = (writing: Writing, item: Item, feed: FeedWork): Promise<unknown> =>
  new Promise((done) => {
    const { shard, end } = item;
    const { commands } = feed.steps[0]!;
    void writeOrTakeApart(writing, [{ shard, commands, feed, resolve: done, reject: done, end }]);
  });

import { describe, expect, it } from '@jest/globals';
import { createActivity } from './activity.js';
import { snapToTick } from './clock.js';
import { createSteppedClock } from './stepped-clock.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 1, minute)).toISOString();
const rig = (maxSpeed: number | null = null, atRest = () => true) => {
  const activity = createActivity();
  const persisted: string[] = [];
  const dues: string[] = [];
  const clock = createSteppedClock({
    anchorId: 'test',
    startAt: at(0),
    activity,
    persist: async (now) => {
      persisted.push(now);
    },
    maxSpeed,
    wall: () => performance.now(),
    atRest,
  });
  clock.join(() => dues[0] ?? null);
  const seen: string[] = [];
  clock.onTick((now) => {
    seen.push(now);
    while (dues[0] !== undefined && dues[0] <= now) dues.shift();
  });
  return { activity, clock, dues, persisted, seen };
};

describe('the stepped clock', () => {
  it('jumps from one due instant to the next, and stands at the end', async () => {
    const { clock, dues, seen, persisted } = rig();
    dues.push(at(5), at(5), at(20));
    await clock.runUntil(at(30));
    expect(seen).toEqual([at(5), at(20), at(30)]);
    expect(persisted).toEqual(seen);
    expect(clock.now()).toBe(at(30));
  });

  it('does not move while anything is going on, and ends when nothing is due', async () => {
    const { activity, clock, dues, seen } = rig();
    dues.push(at(5));
    const end = activity.begin();
    const run = clock.runUntil(at(30));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([]);
    end();
    await run;
    expect(seen).toEqual([at(5), at(30)]);
  });

  it('waits for work that begins while it asks what is due', async () => {
    const { activity, clock, seen } = rig();
    let asked = 0;
    const order: string[] = [];
    clock.join(async () => {
      asked += 1;
      if (asked > 1) return null;
      const end = activity.begin();
      setTimeout(() => {
        order.push('work done');
        end();
      }, 20);
      return at(1);
    });
    clock.onTick(() => order.push('tick'));
    await clock.runUntil(at(2));
    expect(order[0]).toBe('work done');
    expect(seen.at(-1)).toBe(at(2));
  });

  it('stores an instant before anybody sees it', async () => {
    const activity = createActivity();
    const seen: [string, string][] = [];
    const clock = createSteppedClock({
      anchorId: 'test',
      startAt: at(0),
      activity,
      persist: async (now) => {
        seen.push([now, clock.now()]);
      },
      maxSpeed: null,
      wall: () => 0,
    });
    await clock.runUntil(at(1));
    expect(seen).toEqual([[at(1), at(0)]]);
  });

  it('goes no faster than it is told', async () => {
    const { clock, dues } = rig(1_200);
    dues.push(at(3), at(6));
    const began = performance.now();
    await clock.runUntil(at(6));
    expect(performance.now() - began).toBeGreaterThanOrEqual(5 * 60 - 30);
  });

  it('ends at the next quiet when it is paused', async () => {
    const { clock, dues, seen } = rig();
    dues.push(at(1), at(2));
    clock.onTick(() => clock.pause());
    await clock.runUntil(at(30));
    expect(seen).toEqual([at(1)]);
  });

  it('when paused goes on until nothing would be cut off, at most ten minutes', async () => {
    const talking = { until: at(4) };
    const { clock, dues, seen } = rig(null, () => clock.now() >= talking.until);
    dues.push(at(1), at(2), at(4), at(5), at(9), at(14), at(15));
    clock.onTick(() => clock.pause());
    await clock.runUntil(at(30));
    expect(seen).toEqual([at(1), at(2), at(4)]);
    talking.until = at(30);
    await clock.runUntil(at(30));
    expect(seen.slice(3)).toEqual([at(5), at(9), at(14), at(15)]);
  });

  it.each([
    ['2026-11-02T01:00:00.000Z', '2026-11-02T01:00:00.000Z'],
    ['2026-11-02T01:00:00.001Z', '2026-11-02T01:00:30.000Z'],
    ['2026-11-02T01:00:30.000Z', '2026-11-02T01:00:30.000Z'],
  ])('snaps %s to the business tick %s', (instant, tick) => {
    expect(snapToTick(instant)).toBe(tick);
  });
});

describe('activity', () => {
  it('is quiet only when nothing was going on for a whole turn', async () => {
    const activity = createActivity();
    const order: string[] = [];
    const first = activity.begin();
    const quiet = activity.quiet().then(() => order.push('quiet'));
    setImmediate(() => {
      const second = activity.begin();
      first();
      first();
      setTimeout(() => {
        order.push('second');
        second();
      }, 5);
    });
    await quiet;
    expect(order).toEqual(['second', 'quiet']);
    expect(activity.busy).toBe(0);
  });
});

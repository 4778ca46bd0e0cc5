import { describe, expect, it } from '@jest/globals';
import { createActivity } from './activity.js';
import { ClockBackwards, createRemoteSteppedClock } from './followed-clock.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 1, minute)).toISOString();
const rig = () => {
  const activity = createActivity();
  const clock = createRemoteSteppedClock({ anchorId: 'test', startAt: at(0), activity });
  const seen: string[] = [];
  const leave = clock.onTick((now) => seen.push(now));
  return { activity, clock, seen, leave };
};

describe('the followed clock', () => {
  it('moves when it is told to, and tells its listeners once', () => {
    const { clock, seen, leave } = rig();
    expect([clock.anchor, clock.now()]).toEqual([{ kind: 'stepped', anchorId: 'test' }, at(0)]);
    clock.advance(at(5));
    clock.advance(at(5));
    expect([clock.now(), seen]).toEqual([at(5), [at(5)]]);
    leave();
    clock.advance(at(6));
    expect(seen).toEqual([at(5)]);
  });

  it('never goes back', () => {
    const { clock, seen } = rig();
    clock.advance(at(5), 1);
    expect(() => clock.advance(at(4), 2)).toThrow(ClockBackwards);
    expect(() => clock.hold(at(4))).toThrow(ClockBackwards);
    expect([clock.now(), clock.step, seen]).toEqual([at(5), 1, [at(5)]]);
  });

  it('tells again at the same instant when the step is another one, and is silent at a step that was taken', () => {
    const { clock, seen } = rig();
    clock.advance(at(5), 1);
    clock.advance(at(5), 1);
    clock.advance(at(5), 2);
    clock.advance(at(9), 1);
    expect([clock.now(), clock.step, seen]).toEqual([at(5), 2, [at(5), at(5)]]);
  });

  it('stands at a held instant without telling, until the step comes', () => {
    const { clock, seen } = rig();
    clock.hold(at(5));
    expect([clock.now(), clock.held, seen]).toEqual([at(5), true, []]);
    clock.advance(at(5), 1);
    expect([clock.held, seen]).toEqual([false, [at(5)]]);
    clock.hold(at(5));
    expect(clock.held).toBe(false);
  });

  it('is busy while it tells, so that what a listener begins is never overlooked', () => {
    const { activity, clock } = rig();
    const busy: number[] = [];
    clock.onTick(() => busy.push(activity.busy));
    clock.advance(at(5), 1);
    expect([busy, activity.busy, activity.begun]).toEqual([[1], 0, 1]);
    clock.onTick(() => {
      throw new Error('listener');
    });
    expect(() => clock.advance(at(6), 2)).toThrow('listener');
    expect(activity.busy).toBe(0);
  });
});

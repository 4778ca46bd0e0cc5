import { describe, expect, it } from '@jest/globals';
import type { ClockClient, QuietAnswer } from '@mora/grpc';
import { createClusterClock } from './cluster-clock.js';

const START = '2026-11-02T00:00:00.000Z';
const ONE = '2026-11-02T01:00:00.000Z';
const TWO = '2026-11-02T02:00:00.000Z';
const END = '2026-11-02T03:00:00.000Z';
const NEVER = '9999-01-01T00:00:00.000Z';

/** A process that does at each tick what the test says. */
class Member implements ClockClient {
  at = START;
  step = 0;
  begun = 0;
  position = 0;
  taken = 0;
  dues: string[] = [];
  ticks: string[] = [];
  failures = 0;
  onTick: () => void = () => undefined;

  constructor(readonly incarnation: string) {}

  now = async () => ({ now: this.at, kind: 'stepped', anchorId: 'a', step: this.step });
  quiet = async (): Promise<QuietAnswer> => ({
    incarnation: this.incarnation,
    now: this.at,
    quiet: true,
    begun: this.begun,
    nextDueAt: this.dues[0] ?? null,
    heads: [{ source: this.incarnation, shard: 0, epoch: 1, position: this.position }],
    cursors: [{ processor: this.incarnation, source: 'a', shard: 0, epoch: 1, position: this.taken }],
  });
  hold = async (to: string) => {
    this.at = to;
  };
  advance = async (to: string, step: number) => {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('away');
    }
    if (step <= this.step) return;
    this.step = step;
    this.at = to;
    this.ticks.push(to);
    this.dues = this.dues.filter((due) => due > to);
    this.onTick();
  };
  close = () => undefined;
}

const setup = () => {
  const members = [new Member('a'), new Member('b')] as const;
  const played: string[] = [];
  const saved: string[] = [];
  const world: { due: string; heard: () => void } = { due: NEVER, heard: () => undefined };
  const cluster = createClusterClock({
    clocks: members,
    startAt: START,
    world: {
      hear: () => world.heard(),
      nextDue: () => world.due,
      playUntil: async (now) => {
        played.push(now);
        world.due = NEVER;
      },
    },
    persist: async (at) => {
      saved.push(at);
    },
    maxSpeed: null,
    note: () => undefined,
  });
  return { cluster, members, played, saved, world };
};

describe('the clock of many processes', () => {
  it('goes to each due instant, stored before anybody sees it, and then to the end', async () => {
    const { cluster, members, saved } = setup();
    members[0].dues = [ONE];
    members[1].dues = [TWO];
    await cluster.clock.runUntil(END);
    expect(members.map(({ ticks }) => ticks)).toEqual([
      [ONE, TWO, END],
      [ONE, TWO, END],
    ]);
    expect([saved, cluster.clock.now(), cluster.steps]).toEqual([[ONE, TWO, END], END, 3]);
  });

  it('stands still while an event is on its way', async () => {
    const { cluster, members } = setup();
    const [a, b] = members;
    a.dues = [ONE, TWO];
    a.onTick = () => {
      a.position = 1;
    };
    setTimeout(() => {
      expect(a.ticks).toEqual([ONE]);
      for (const member of [a, b]) member.taken = 1;
    }, 60);
    await cluster.clock.runUntil(END);
    expect(a.ticks).toEqual([ONE, TWO, END]);
  });

  it('asks the outside world only after it heard what the processes did', async () => {
    const { cluster, members, played, world } = setup();
    members[0].dues = [ONE];
    world.heard = () => {
      if (members[0].ticks.at(-1) === ONE) world.due = TWO;
    };
    await cluster.clock.runUntil(END);
    expect(played).toEqual([TWO]);
  });

  it('repeats a step that a process did not hear, once for each of them', async () => {
    const { cluster, members } = setup();
    members[0].dues = [ONE];
    members[1].failures = 1;
    await cluster.clock.runUntil(END);
    expect(members.map(({ ticks }) => ticks)).toEqual([
      [ONE, END],
      [ONE, END],
    ]);
  });

  it('steps again at the same instant for one that is late there', async () => {
    const { cluster, members } = setup();
    members[0].dues = ['2026-11-01T23:00:00.000Z'];
    await cluster.clock.runUntil(END);
    expect(members[1].ticks).toEqual([START, END]);
  });

  it('ends when paused, also while somebody never comes to rest', async () => {
    const { cluster, members } = setup();
    members[0].position = 1;
    setTimeout(cluster.clock.pause, 30);
    await cluster.clock.runUntil(END);
    expect(cluster.clock.now()).toBe(START);
  });
});

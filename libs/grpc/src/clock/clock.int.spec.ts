import { afterEach, describe, expect, it } from '@jest/globals';
import { createActivity, createRealClock, createRemoteSteppedClock } from '@mora/eventing';
import { Wire } from '@mora/test-kit';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { clientFor } from '../client.js';
import { clockV1 } from '../generated.js';
import { CLOCK_HOST } from '../tokens.js';
import type { ProcessorCursor, SourceHead } from './all-quiet.js';
import { ClockController, type ClockHost } from './clock.controller.js';
import { askQuiet, clockClient, stepAll } from './clock.js';

const NOON = '2026-11-02T04:00:00.000Z';
const LATER = '2026-11-02T04:00:30.000Z';
@Controller()
class LyingClock {
  @GrpcMethod('ClockService', 'Now')
  async now() {
    return {};
  }
  @GrpcMethod('ClockService', 'Quiet')
  async quiet() {
    return { quiet: true };
  }
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});

const member = async (incarnation: string, { real = false } = {}) => {
  const activity = createActivity();
  const steps = createRemoteSteppedClock({ anchorId: 'anchor', startAt: NOON, activity });
  const wall = createRealClock('wall', () => Date.now());
  const knows = {
    settled: true,
    due: null as string | null,
    heads: [] as SourceHead[],
    cursors: [] as ProcessorCursor[],
    looking: async (): Promise<void> => undefined,
  };
  const seen: string[] = [];
  steps.onTick((now) => seen.push(now));
  const host: ClockHost = {
    clock: real ? wall : steps,
    steps: real ? null : steps,
    activity,
    incarnation,
    isSettled: () => knows.settled,
    nextDue: async () => knows.due,
    heads: async () => {
      await knows.looking();
      return knows.heads;
    },
    cursors: () => knows.cursors,
  };
  const wire = await Wire.up({
    controllers: [ClockController],
    providers: [{ provide: CLOCK_HOST, useValue: host }],
    services: [clockV1.ClockService],
  });
  const client = clockClient(wire.address, { deadlineMs: 1_000 });
  ending.push(() => wire.stop(), client.close, wall.stop);
  return { activity, steps, knows, seen, wire, client };
};

describe('the clock of a process', () => {
  it('tells its time and what the process is about', async () => {
    const { client, knows, activity } = await member('guard-1');
    expect(await client.now()).toEqual({ now: NOON, kind: 'stepped', anchorId: 'anchor', step: 0 });
    activity.begin()();
    knows.due = LATER;
    knows.heads = [{ source: 'guard', shard: 3, epoch: 2, position: 17 }];
    knows.cursors = [{ processor: 'guard', source: 'intake', shard: 3, epoch: 1, position: 0 }];
    expect(await client.quiet()).toEqual({
      incarnation: 'guard-1',
      now: NOON,
      quiet: true,
      begun: 1,
      nextDueAt: LATER,
      heads: knows.heads,
      cursors: knows.cursors,
    });
    knows.due = null;
    expect((await client.quiet()).nextDueAt).toBeNull();
  });

  it('is not quiet at work, while held, or when work began while it looked', async () => {
    const { client, activity, knows, steps } = await member('a');
    const end = activity.begin();
    expect((await client.quiet()).quiet).toBe(false);
    end();
    expect((await client.quiet()).quiet).toBe(true);
    knows.looking = async () => activity.begin()();
    expect((await client.quiet()).quiet).toBe(false);
    knows.looking = async () => undefined;
    steps.hold(LATER);
    expect((await client.quiet()).quiet).toBe(false);
    steps.advance(LATER, 1);
    expect((await client.quiet()).quiet).toBe(true);
  });

  it('waits for quiet as long as it is asked to, and no longer', async () => {
    const { client, activity } = await member('a');
    const end = activity.begin();
    const began = performance.now();
    expect((await client.quiet(100)).quiet).toBe(false);
    expect(performance.now() - began).toBeGreaterThanOrEqual(90);
    setTimeout(end, 50);
    expect((await client.quiet(900)).quiet).toBe(true);
    expect(performance.now() - began).toBeLessThan(800);
  });

  it('moves by steps; a repeated one is silent, a new one at the same instant is not', async () => {
    const { client, seen } = await member('a');
    await client.hold(LATER);
    expect([seen, (await client.now()).now]).toEqual([[], LATER]);
    await client.advance(LATER, 5);
    await client.advance(LATER, 5);
    expect(seen).toEqual([LATER]);
    await client.advance(LATER, 6);
    expect([seen, (await client.now()).step]).toEqual([[LATER, LATER], 6]);
  });

  it('refuses to go back, to go to no instant, and to step a real clock', async () => {
    const { client, wire, seen } = await member('a');
    await expect(client.advance('2026-11-02T03:59:59.999Z', 1)).rejects.toMatchObject({ code: 'CLOCK_BACKWARDS' });
    const raw = clientFor(clockV1.ClockService, wire.address);
    ending.push(raw.close);
    for (const to of ['', 'tomorrow', '2026-11-02T05:00:00Z'])
      await expect(raw.advance({ to })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(seen).toEqual([]);
    const { client: real } = await member('b', { real: true });
    expect((await real.now()).kind).toBe('real');
    await expect(real.advance(LATER, 1)).rejects.toMatchObject({ code: 'CLOCK_IS_REAL' });
  });

  it('takes no answer that breaks the contract', async () => {
    const wire = await Wire.up({
      controllers: [LyingClock],
      services: [clockV1.ClockService],
      notOffered: ['/mora.clock.v1.ClockService/Advance'],
    });
    const client = clockClient(wire.address);
    ending.push(() => wire.stop(), client.close);
    await expect(client.now()).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(client.quiet()).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('the clocks of all processes', () => {
  it('all stand at the new instant before any of them begins to work', async () => {
    const members = [await member('a'), await member('b'), await member('c')];
    const times: string[][] = [];
    for (const { steps } of members) steps.onTick(() => times.push(members.map((m) => m.steps.now())));
    const clients = members.map((m) => m.client);
    await stepAll(clients, LATER, 1);
    await stepAll(clients, LATER, 1);
    expect(times).toEqual([1, 2, 3].map(() => [LATER, LATER, LATER]));
  });

  it('are asked until quiet, and a process that does not answer is at work', async () => {
    const [a, b] = [await member('a'), await member('b')];
    const clients = [a.client, b.client];
    a.knows.heads = [{ source: 'guard', shard: 0, epoch: 1, position: 2 }];
    b.knows.cursors = [{ processor: 'dialer', source: 'guard', shard: 0, epoch: 1, position: 1 }];
    expect(await askQuiet(clients)).toEqual({ quiet: false, because: 'dialer at guard/0 is behind' });
    b.knows.cursors = [{ ...b.knows.cursors[0]!, position: 2 }];
    b.knows.due = LATER;
    expect(await askQuiet(clients)).toEqual({ quiet: true, now: NOON, nextDueAt: LATER });
    const end = a.activity.begin();
    expect(await askQuiet(clients)).toEqual({ quiet: false, because: 'a is at work' });
    end();
    await b.wire.stop();
    expect(await askQuiet(clients)).toMatchObject({ quiet: false });
  });

  it('are moved on by the same step when one was away', async () => {
    const [a, b] = [await member('a'), await member('b')];
    await b.wire.stop();
    await expect(stepAll([a.client, b.client], LATER, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([a.seen, a.steps.held]).toEqual([[], true]);
    await b.wire.start();
    await stepAll([a.client, b.client], LATER, 1);
    expect([a.seen, b.seen]).toEqual([[LATER], [LATER]]);
  });
});

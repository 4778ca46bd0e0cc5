import { describe, expect, it } from '@jest/globals';
import { createActivity } from '@mora/eventing';
import type { PartitionId, Position } from './offsets.js';
import { keyOf, Progress, startOf, type WaitingRecord } from './progress.js';
import { Waiting } from './waiting.js';

const P0: PartitionId = { topic: 'bank.payments.v1', partition: 0 };
const P1: PartitionId = { topic: 'bank.payments.v1', partition: 1 };
const O: PartitionId = { topic: 'bank.overdue.v1', partition: 0 };
const record = (kind: WaitingRecord['kind'], { topic, partition }: PartitionId, offset: number, barrier: object) => ({
  kind,
  input: { channel: { kind: 'kafka' as const, name: `${topic}/${partition}`, offset }, raw: {} },
  barrier: new Map<string, number>(Object.entries(barrier)),
});

const room = () => {
  const activity = createActivity();
  const stored = new Map<string, PartitionId & Position>();
  const progress = [P0, P1, O].map((id) => new Progress(id, startOf(null, { low: 0, high: 100 }), Buffer.alloc(32, 3)));
  const partitions = new Map(progress.map((one) => [keyOf(one.id), one]));
  const taken: string[] = [];
  let fails = 0;
  const checkpoint = async (one: Progress) => {
    if (fails-- > 0) throw new Error('away');
    stored.set(keyOf(one.id), { ...one.id, ...one.position() });
  };
  const waiting = new Waiting({
    activity,
    partitions,
    extents: async () => new Map([...partitions.keys()].map((key) => [key, { low: 0, high: 100 }])),
    positions: async () => [...stored.values()],
    take: async (records) =>
      void taken.push(...records.map((r) => `${r.kind} ${r.input.channel.name}@${r.input.channel.offset}`)),
    checkpoint,
    settled: () => undefined,
  });
  return {
    activity,
    waiting,
    taken,
    hold: (id: PartitionId, held: WaitingRecord) => waiting.hold(partitions.get(keyOf(id))!, held),
    readTo: async (id: PartitionId, next: number) => {
      const one = partitions.get(keyOf(id))!;
      one.advance(next);
      await checkpoint(one);
    },
    failOnce: () => {
      fails = 1;
    },
  };
};

describe('records that wait', () => {
  it('of "posted through" wait for payments that wait themselves, not for one another', async () => {
    const { waiting, hold, readTo, taken, activity } = room();
    const ends = { [keyOf(P0)]: 10, [keyOf(P1)]: 10 };
    hold(P0, record('posted-through', P0, 3, ends));
    hold(P1, record('payment', P1, 4, { [keyOf(O)]: 50 }));
    hold(P1, record('posted-through', P1, 6, ends));
    for (const id of [P0, P1]) await readTo(id, 10);
    await waiting.settle();
    expect(taken).toEqual([]);
    await readTo(O, 50);
    await waiting.settle();
    expect(taken).toEqual([
      'payment bank.payments.v1/1@4',
      'posted-through bank.payments.v1/0@3',
      'posted-through bank.payments.v1/1@6',
    ]);
    expect(activity.busy).toBe(0);
  });

  it('hold the clock until they are taken, and no longer when the position cannot be stored', async () => {
    const { waiting, hold, readTo, failOnce, activity } = room();
    hold(P0, record('payment', P0, 1, { [keyOf(O)]: 5 }));
    expect(activity.busy).toBe(1);
    await readTo(O, 5);
    failOnce();
    await expect(waiting.settle()).rejects.toThrow('away');
    expect(activity.busy).toBe(0);
  });
});

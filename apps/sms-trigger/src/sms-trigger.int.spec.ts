import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AuthorizeRequest, type EventEnvelope, schemaOf } from '@mora/contracts';
import {
  type Command,
  createActivity,
  createSteppedClock,
  MemoryStore,
  type Processor,
  ShardWriter,
  TimerLoop,
} from '@mora/eventing';
import type { ServiceCore, ServiceParts } from '@mora/service';
import { readLog, type SmscRecord, smsCourse } from '@mora/simulation';
import { canonicalForm } from '@mora/strategy';
import { smsTriggerService } from './sms-trigger.module.js';
import { CASE, callData, DEBTOR, HASH, KEY, local, openingFacts, SHARD, SHARDS, strategy } from './world.fixture.js';

const WALL = Date.parse('2026-11-23T00:00:00.000Z');
const text = canonicalForm(strategy);
const later = (a: string | null, b: string | null) => (a === null ? b : b === null ? a : a < b ? a : b);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mora-sms-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The service as a host runs it, on a store and a log that outlive it. */
const boot = async (store: MemoryStore, startAt: string, seed: string, swallowAnswers = false) => {
  const activity = createActivity();
  const clock = createSteppedClock({
    anchorId: 't',
    startAt,
    activity,
    persist: async () => undefined,
    maxSpeed: null,
    wall: () => WALL,
  });
  const origin = {
    source: 'sms',
    shards: SHARDS,
    build: 'test',
    tzdata: 'test',
    clock: clock.anchor,
    simulated: { version: '1', seed },
    now: () => clock.now(),
    wall: () => WALL,
    check: (type: string, data: unknown) => void schemaOf('sms', type)?.parse(data),
  };
  const writer = new ShardWriter({ store, activity, origin });
  let dead = false;
  const authorize = async ({ contactId, debtorId, phoneRef }: AuthorizeRequest) => ({
    result: 'allowed' as const,
    permit: {
      contactId,
      debtorId,
      phoneRef,
      channel: 'sms' as const,
      gatewayId: 'smsc',
      startNotAfter: new Date(WALL + 15_000).toISOString(),
      ringMaxSeconds: 0,
      endBy: '2027-01-01T00:00:00.000Z',
      keyId: 'g',
      signature: 's',
    },
  });
  const mortal = Object.assign(Object.create(writer) as ShardWriter, {
    execute: async (command: Command) => {
      if (swallowAnswers && command.name === 'sms.accept') dead = true;
      return dead ? new Promise<never>(() => undefined) : writer.execute(command);
    },
  });
  const intake = { reveal: async () => '+8613800000001', unwrap: async () => KEY, numberKey: async () => null };
  const platform = { origin, policyText: () => text, ports: { guard: { authorize }, intake } };
  const core = {
    clock,
    activity,
    store,
    writer: mortal,
    platform,
    isParked: () => false,
    log: { warn: () => undefined },
  } as unknown as ServiceCore;
  const parts: ServiceParts = await smsTriggerService({
    chance: { saltId: 's', salt: 'salt' },
    bankName: '某某银行',
    hotline: '400-000-0000',
    sender: '95500',
    gatewayId: 'smsc',
    simulated: { seed, logPath: join(folder, 'smsc.ndjson') },
  }).open(core);
  writer.onCommitted(parts.onCommitted!);
  const timers = new TimerLoop({ store, writer, clock, activity, onTimer: parts.onTimer! });
  for (const loop of parts.loops ?? []) await loop.start();
  timers.start();
  clock.join(async () => later(await store.nextTimer(), parts.wantsTick!()));
  await parts.recover!();
  let position = 0;
  const tell = async (type: string, data: object, subject = DEBTOR) => {
    position += 1;
    const [processor] = parts.processors as readonly Processor[];
    const event = { type, data, subject, source: 'x', epoch: 1, shard: SHARD, position, meta: { at: clock.now() } };
    const lead = processor!.on[type]!(event as never) as Command | null;
    if (lead) await writer.execute(lead);
  };
  const stop = async () => {
    await timers.stop();
    for (const loop of parts.loops ?? []) await loop.stop();
  };
  return { clock, tell, stop, isDead: () => dead };
};

const open = async (service: Awaited<ReturnType<typeof boot>>) => {
  for (const { type, data, subject } of openingFacts()) await service.tell(type, data, subject);
};

const eventsOf = async (store: MemoryStore): Promise<readonly EventEnvelope[]> =>
  (await store.read({ shard: SHARD, after: { epoch: 1, position: 0 }, limit: 1_000 })).events;

const outcomes = /^Sms(Intended|Submitting|Submitted|Unknown|Delivered|Undelivered|Rejected)$/;

/** A seed whose first SMS to this debtor is delivered. */
const seed = ['1', '2', '3', '4', '5'].find(
  (one) => smsCourse({ seed: one, debtorId: DEBTOR, ordinal: 1, phoneIndex: 0 }).delivered,
)!;

describe('the service with the simulated SMSC', () => {
  it('sends a at 20:40, and takes its receipt in when the clock reaches it', async () => {
    const store = new MemoryStore('sms', SHARDS, () => WALL);
    const service = await boot(store, local(1, '06:00'), seed);
    await open(service);
    await service.clock.runUntil(local(1, '14:30'));
    await service.tell('CallEnded', callData(local(1, '14:30'), CASE));
    await service.clock.runUntil(local(1, '21:30'));
    await service.stop();
    const log = readLog<SmscRecord>(join(folder, 'smsc.ndjson'));
    expect(log.slice(0, 2).map(({ kind, businessAt }) => [kind, businessAt <= local(1, '20:46')])).toEqual([
      ['submit', true],
      ['receipt', true],
    ]);
    const types = (await eventsOf(store)).map((e) => e.type).filter((type) => outcomes.test(type));
    expect(types).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsSubmitted', 'SmsDelivered']);
    const submitted = (await eventsOf(store)).find((e) => e.type === 'SmsSubmitted')!;
    expect(submitted.meta.policies).toEqual([{ kind: 'strategy', hash: HASH }]);
    expect(submitted.meta.correlationId).toBe(CASE);
  });

  it('finds by its receipt what a crash made unknown, and sends it once', async () => {
    const store = new MemoryStore('sms', SHARDS, () => WALL);
    const first = await boot(store, local(1, '14:29'), seed, true);
    await open(first);
    await first.clock.runUntil(local(1, '14:30'));
    await first.tell('CallEnded', callData(local(1, '14:30'), CASE));
    void first.clock.runUntil(local(1, '20:40'));
    while (!first.isDead()) await new Promise((resolve) => setTimeout(resolve, 2));
    const second = await boot(store, local(1, '20:40'), seed);
    await second.clock.runUntil(local(2, '12:00'));
    await second.stop();
    const types = (await eventsOf(store)).map((e) => e.type).filter((type) => outcomes.test(type));
    expect(types).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsUnknown', 'SmsDelivered']);
    const submits = readLog<SmscRecord>(join(folder, 'smsc.ndjson')).filter(({ kind }) => kind === 'submit');
    expect(submits).toHaveLength(1);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { type AccountFacts, type IntakeEvent, schemaOf, shardOf } from '@mora/contracts';
import {
  type Aggregate,
  append,
  type Clock,
  Consumer,
  command,
  createActivity,
  createStoreFeed,
  MemoryStore,
  type Origin,
  ref,
  ShardWriter,
  TimerLoop,
} from '@mora/eventing';
import type { ServiceCore } from '@mora/service';
import { canonicalForm, type Strategy } from '@mora/strategy';
import { treatmentCommand } from './reactions/commands.js';
import { riskTieringService } from './risk-tiering.module.js';
import { CASE, chance, DEBTOR, day, on, packageHash, strategy } from './testing/treatments.js';

const SHARDS = 4;
const shard = shardOf(DEBTOR, SHARDS);
const accountFacts: AccountFacts = {
  accountId: 'A1',
  product: 'card',
  currency: 'CNY',
  creditLimit: 1_000_000,
  statementBalance: 500_000,
  minimumDue: 50_000,
  paidSinceStatement: 0,
  overdueAmount: null,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: day(0),
  dpdReported: 1,
  cycle: null,
  cardTail: '1234',
  graceDays: 3,
  tolerance: null,
  bureauReportOn: null,
  cardActionOn: null,
  cardStatus: 'active',
  creditReportStatus: 'unknown',
  autopay: { on: false, nextTryAt: null },
  offers: [],
  benefitsText: null,
  agencyNotice: null,
  flags: [],
  history: { recordedMonths: 6, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
};
const provenance = {
  bankEventId: 'b1',
  bankSequence: 0,
  channel: { kind: 'file', name: 'book.csv', offset: 2 },
  rawHash: 'hash',
  businessDate: day(1),
  receivedAt: on(1, '05:00'),
} as const;
const caseRef = { caseId: CASE, debtorId: DEBTOR, accountId: 'A1' };
const opened: IntakeEvent = {
  type: 'CaseOpened',
  data: { ...caseRef, facts: accountFacts, unpaidMinimum: 50_000, dpd: 1, provenance },
};
const cases: Aggregate<null, IntakeEvent> = { category: 'case', foldVersion: 1, initial: null, evolve: (s) => s };

/** Tiering on a store in memory behind a feed of intake's events. */
const start = async (known: Strategy | null = strategy) => {
  let now = on(1, '05:30');
  const policies = new Map(known ? [[packageHash, canonicalForm(known)]] : []);
  const activity = createActivity();
  const origin = (source: string): Origin => ({
    source,
    shards: SHARDS,
    build: 'test',
    tzdata: 'test',
    clock: { kind: 'stepped', anchorId: 'test' },
    simulated: null,
    now: () => now,
    wall: () => 0,
    check: (type, data) => schemaOf(source, type)?.parse(data),
  });
  const bank = new MemoryStore('intake', SHARDS);
  const bankWriter = new ShardWriter({ store: bank, origin: origin('intake'), activity });
  const feed = createStoreFeed(bank, bankWriter, { wall: () => 0 });
  const store = new MemoryStore('tiering', SHARDS);
  const writer = new ShardWriter({ store, origin: origin('tiering'), activity });
  const ticks: ((now: string) => void)[] = [];
  const clock: Clock = {
    anchor: { kind: 'stepped', anchorId: 'test' },
    now: () => now,
    onTick: (listener) => {
      ticks.push(listener);
      return () => undefined;
    },
  };
  const parts = await riskTieringService({ chance }).open({
    writer,
    clock,
    platform: { policyText: (hash: string) => policies.get(hash) },
  } as unknown as ServiceCore);
  const errors: unknown[] = [];
  const consumerOf = () =>
    new Consumer({
      processor: { ...parts.processors![0]!, sources: ['intake'] },
      feeds: [feed],
      store,
      writer,
      activity,
      onError: (error) => errors.push(error),
    });
  const timers = new TimerLoop({ store, writer, clock, activity, onTimer: parts.onTimer! });
  timers.start();
  const consumer = consumerOf();
  await consumer.start();
  running.push(async () => {
    await consumer.stop();
    await timers.stop();
  });
  const published = async () =>
    (await store.read({ shard, after: { epoch: 0, position: 0 }, limit: 1_000 })).events.filter(
      (e) => schemaOf('tiering', e.type) !== undefined,
    );
  return {
    api: parts.api,
    store,
    writer,
    activity,
    policies,
    errors,
    consumer,
    say: (...events: readonly IntakeEvent[]) => {
      const stream = ref(cases, CASE);
      const decide = () => events.map((e) => append(stream, e));
      return bankWriter.execute(command({ name: 'say', subject: DEBTOR, streams: [stream], decide }));
    },
    quiet: () => activity.quiet(),
    /** An event of a source without a feed here. */
    hear: async (type: string, data: object) => {
      const made = parts.processors![0]!.on[type]!({ subject: DEBTOR, shard, data } as never) ?? [];
      for (const one of Array.isArray(made) ? made : [made as never]) await writer.execute(one);
    },
    clockTo: async (at: string) => {
      now = at;
      for (const tick of ticks) tick(at);
      await activity.quiet();
    },
    /** A second consumer without the memory of the first: everything is delivered again. */
    deliverAgain: async () => {
      const steps = (await bank.read({ shard, after: { epoch: 0, position: 0 }, limit: 100 })).events.map((event) => {
        const made = parts.processors![0]!.on[event.type]?.(event as never) ?? [];
        return { event, commands: Array.isArray(made) ? made : [made as never], park: null };
      });
      const last = (await store.checkpoints('risk-tiering')).find((c) => c.shard === shard)!;
      return writer.take({ processor: 'risk-tiering', source: 'intake', shard, from: last, steps });
    },
    published,
    publishedTypes: async () => (await published()).map((e) => e.type),
  };
};
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

describe('the risk-tiering service', () => {
  it('starts a treatment once, also when the case is delivered twice', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    await service.say(opened);
    await service.quiet();
    expect(await service.publishedTypes()).toEqual(['StrategyActivated', 'TreatmentStarted', 'AccountTiered']);
    await service.deliverAgain();
    expect(await service.publishedTypes()).toHaveLength(3);
    const [, first] = await service.published();
    expect(first).toMatchObject({
      subject: DEBTOR,
      meta: { correlationId: CASE, cause: `intake/1/${shard}/1`, policies: [{ kind: 'strategy', hash: packageHash }] },
    });
  });

  it('activates, halts and resumes in every shard, and does the same once', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    const scope = { strategyHash: null, tier: null, channel: null, debtorId: null };
    for (const _ of [1, 2]) await service.api.halt({ haltId: 'h1', scope, reason: 'test', by: 'ops' });
    for (const _ of [1, 2]) await service.api.resume({ haltId: 'h1', reason: 'over', by: 'ops' });
    const heads = await service.store.heads();
    expect(heads.map((h) => h.position)).toEqual(Array.from({ length: SHARDS }, () => 3));
  });

  it('waits for a strategy that has not arrived instead of parking the case', async () => {
    const service = await start(null);
    await service.say(opened);
    await new Promise((r) => setTimeout(r, 20));
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    await new Promise((r) => setTimeout(r, 20));
    expect(await service.publishedTypes()).toEqual(['StrategyActivated']);
    service.policies.set(packageHash, canonicalForm(strategy));
    await service.quiet();
    expect(await service.publishedTypes()).toEqual(['StrategyActivated', 'TreatmentStarted', 'AccountTiered']);
    expect(await service.store.parked({ limit: 10 })).toEqual([]);
    expect(service.errors.length).toBeGreaterThan(0);
  });

  it('plans each day at 06:00 by its own timer, once, and hands over on the ninth', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    await service.say(opened);
    await service.quiet();
    for (let dpd = 1; dpd <= 10; dpd++)
      for (const time of ['05:59', '06:00', '06:01']) await service.clockTo(on(dpd, time));
    const events = (await service.published()).slice(3);
    expect(events.map((e) => [e.type, e.meta.at])).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((dpd) => ['AccountTiered', on(dpd, '06:00')]),
      ['HandedOver', on(9, '06:00')],
    ]);
    expect(await service.store.nextTimer()).toBeNull();
  });

  it('ends with the cure and goes on when the payment is reversed', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    const money = {
      currency: 'CNY',
      valueDate: day(1),
      postedAt: on(1, '05:00'),
      remainingMinimumDue: null,
      provenance,
    };
    await service.say(
      opened,
      {
        type: 'PaymentPosted',
        data: { ...caseRef, ...money, paymentId: 'p1', amount: 50_000, unpaidMinimum: 0 },
      },
      { type: 'CaseCured', data: { ...caseRef, curedBy: 'p1', unpaidMinimum: 0, dpd: 1 } },
    );
    await service.quiet();
    expect(await service.publishedTypes()).toEqual([
      'StrategyActivated',
      'TreatmentStarted',
      'AccountTiered',
      'TreatmentEnded',
    ]);
    expect(await service.store.nextTimer()).toBeNull();
    await service.say(
      {
        type: 'PaymentReversed',
        data: { ...caseRef, ...money, paymentId: 'r1', reversalOf: 'p1', amount: 50_000, unpaidMinimum: 50_000 },
      },
      { type: 'CaseReopened', data: { ...caseRef, unpaidMinimum: 50_000, because: 'r1' } },
    );
    await service.quiet();
    expect((await service.publishedTypes()).slice(4)).toEqual(['TreatmentResumed', 'AccountTiered']);
    expect(await service.store.nextTimer()).toBe(on(1, '06:00'));
  });

  it('takes a stop on the debtor into each of his treatments, once, also into one that opens later', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    const another = (caseId: string, accountId: string): IntakeEvent => ({
      type: 'CaseOpened',
      data: { ...opened.data, caseId, accountId, facts: { ...accountFacts, accountId } } as never,
    });
    await service.say(opened, another('case-two', 'A2'));
    await service.quiet();
    const stop = {
      stopId: 's1',
      kind: 'complaint',
      scope: 'debtor',
      accountId: 'A1',
      channels: ['call', 'sms'],
      until: null,
    };
    await service.clockTo(on(1, '05:40'));
    for (const _ of [1, 2]) await service.hear('StopPlaced', stop);
    await service.clockTo(on(1, '05:41'));
    await service.say(another('case-three', 'A3'));
    await service.quiet();
    for (const time of ['05:42', '05:43']) await service.clockTo(on(1, time));
    const handed = (await service.published()).filter((e) => e.type === 'HandedOver');
    expect(
      handed.map((e) => [(e.data as { caseId: string }).caseId, e.stream, e.meta.correlationId, e.meta.at]),
    ).toEqual([
      [CASE, `treatment-${CASE}`, CASE, on(1, '05:41')],
      ['case-two', 'treatment-case-two', 'case-two', on(1, '05:41')],
      ['case-three', 'treatment-case-three', 'case-three', on(1, '05:42')],
    ]);
    expect(handed.map((e) => (e.data as { reason: string }).reason)).toEqual(Array(3).fill('complaint'));
    expect(await service.store.nextTimer()).toBeNull();
  });

  it('returns an account to the robot on a human word', async () => {
    const service = await start();
    await service.api.activate(packageHash, 'cn-early-delinquency', 'ops');
    await service.say(opened);
    await service.quiet();
    const ground = { strategyOf: () => strategy, chance };
    const place = { caseId: CASE, debtorId: DEBTOR, shard };
    await service.writer.execute(treatmentCommand(ground, place, { do: 'hand-over', reason: 'human-asked' }));
    await service.api.returnToRobot({ caseId: CASE, debtorId: DEBTOR, reason: 'agreed', by: 'li' });
    await service.api.returnToRobot({ caseId: CASE, debtorId: DEBTOR, reason: 'agreed', by: 'li' });
    expect((await service.publishedTypes()).slice(3)).toEqual(['HandedOver', 'ReturnedToRobot', 'AccountTiered']);
  });
});

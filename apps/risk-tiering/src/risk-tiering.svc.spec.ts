import { afterEach, describe, expect, it } from '@jest/globals';
import type { GuardEvent } from '@mora/contracts';
import { canonicalForm } from '@mora/strategy';
import { type ServiceWorld, serviceWorld, waitFor } from '@mora/test-kit';
import { TieringControl } from './effects/tiering-control.js';
import { arrived, opened, provenance, SHARDS, shard, tiering, typesInShard } from './testing/tiering.js';
import { CASE, DEBTOR, day, on, packageHash, strategy } from './testing/treatments.js';

let world: ServiceWorld;
afterEach(() => world.stop());

/** Tiering with the strategy in force. */
const start = async (policies = arrived(strategy)) => {
  world = await serviceWorld(tiering({ policies }));
  await activate();
};
const activate = () => world.get(TieringControl).activate(packageHash, 'cn-early-delinquency', 'ops');
const publishedTypes = () => typesInShard(world.published);

describe('the risk-tiering service', () => {
  it('starts a treatment once, also when the case is delivered twice', async () => {
    await start();
    await world.given('intake', DEBTOR, opened());
    expect(publishedTypes()).toEqual(['StrategyActivated', 'TreatmentStarted', 'AccountTiered']);
    expect(await world.deliverAgain('intake')).toBe(1);
    expect(publishedTypes()).toHaveLength(3);
    expect(world.published.find(({ type }) => type === 'TreatmentStarted')).toMatchObject({
      subject: DEBTOR,
      meta: { correlationId: CASE, cause: `intake/1/${shard}/1`, policies: [{ kind: 'strategy', hash: packageHash }] },
    });
  });

  it('waits for a strategy that has not arrived instead of parking the case', async () => {
    const policies = new Map<string, string>();
    world = await serviceWorld(tiering({ policies }));
    const tried = async () => {
      const before = world.warnings.length;
      await waitFor('another try', () => world.warnings.length > before);
    };
    await world.meanwhile('intake', DEBTOR, opened());
    await tried();
    await activate();
    await tried();
    expect(publishedTypes()).toEqual(['StrategyActivated']);
    policies.set(packageHash, canonicalForm(strategy));
    await world.settled();
    expect(publishedTypes()).toEqual(['StrategyActivated', 'TreatmentStarted', 'AccountTiered']);
    expect(await world.core.store.parked({ limit: 10 })).toEqual([]);
  });

  it('plans each day at 06:00 by its own timer, once, and hands over on the ninth', async () => {
    await start();
    await world.given('intake', DEBTOR, opened());
    for (let dpd = 1; dpd <= 10; dpd++)
      for (const time of ['05:59', '06:00', '06:01']) await world.moveTo(on(dpd, time));
    const events = world.published.filter((event) => event.subject === DEBTOR).slice(2);
    expect(events.map(({ type, meta }) => [type, meta.at])).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((dpd) => ['AccountTiered', on(dpd, '06:00')]),
      ['HandedOver', on(9, '06:00')],
    ]);
    expect(await world.life.nextDue()).toBeNull();
  });

  it('ends with the cure and goes on when the payment is reversed', async () => {
    await start();
    const caseRef = { caseId: CASE, debtorId: DEBTOR, accountId: 'A1' };
    const money = {
      currency: 'CNY',
      valueDate: day(1),
      postedAt: on(1, '05:00'),
      remainingMinimumDue: null,
      provenance,
    };
    await world.given(
      'intake',
      DEBTOR,
      opened(),
      {
        type: 'PaymentPosted',
        data: { ...caseRef, ...money, paymentId: 'p1', amount: 50_000, unpaidMinimum: 0 },
      },
      { type: 'CaseCured', data: { ...caseRef, curedBy: 'p1', unpaidMinimum: 0, dpd: 1 } },
    );
    expect(publishedTypes()).toEqual(['StrategyActivated', 'TreatmentStarted', 'AccountTiered', 'TreatmentEnded']);
    expect(await world.life.nextDue()).toBeNull();
    await world.given(
      'intake',
      DEBTOR,
      {
        type: 'PaymentReversed',
        data: { ...caseRef, ...money, paymentId: 'r1', reversalOf: 'p1', amount: 50_000, unpaidMinimum: 50_000 },
      },
      { type: 'CaseReopened', data: { ...caseRef, unpaidMinimum: 50_000, because: 'r1' } },
    );
    expect(publishedTypes().slice(4)).toEqual(['TreatmentResumed', 'AccountTiered']);
    expect(await world.life.nextDue()).toBe(on(1, '06:00'));
  });

  it('takes a stop on the debtor into each of his treatments, once, also into one that opens later', async () => {
    await start();
    await world.given('intake', DEBTOR, opened(), opened('case-two', 'A2'));
    const stop: GuardEvent = {
      type: 'StopPlaced',
      data: {
        stopId: 's1',
        debtorId: DEBTOR,
        kind: 'complaint',
        scope: 'debtor',
        accountId: 'A1',
        phoneRef: null,
        channels: ['call', 'sms'],
        until: null,
        source: 'bank:A1',
        evidence: `intake/1/${shard}/1`,
      },
    };
    await world.moveTo(on(1, '05:40'));
    for (const _ of [1, 2]) await world.given('guard', DEBTOR, stop);
    await world.moveTo(on(1, '05:41'));
    await world.given('intake', DEBTOR, opened('case-three', 'A3'));
    for (const time of ['05:42', '05:43']) await world.moveTo(on(1, time));
    const handed = world.published.filter(({ type }) => type === 'HandedOver');
    expect(handed.map(({ stream, meta }) => [stream, meta.correlationId, meta.at])).toEqual([
      [`treatment-${CASE}`, CASE, on(1, '05:40')],
      ['treatment-case-two', 'case-two', on(1, '05:40')],
      ['treatment-case-three', 'case-three', on(1, '05:41')],
    ]);
    expect(handed.map(({ data }) => data)).toMatchObject(
      [CASE, 'case-two', 'case-three'].map((caseId) => ({ caseId, reason: 'complaint' })),
    );
    expect(await world.life.nextDue()).toBeNull();
  });
});

describe('after a restart', () => {
  it('goes on with the treatments it has, and starts none twice', async () => {
    await start();
    await world.given('intake', DEBTOR, opened());
    world = await world.restarted();
    expect(world.published).toEqual([]);
    await world.given('intake', DEBTOR, opened('case-two', 'A2'));
    await world.moveTo(on(1, '06:00'));
    expect(publishedTypes()).toEqual(['TreatmentStarted', 'AccountTiered', 'AccountTiered', 'AccountTiered']);
  });

  it('takes in what was said while it was away', async () => {
    await start();
    await world.stop();
    await world.meanwhile('intake', DEBTOR, opened());
    world = await world.restarted();
    expect(publishedTypes()).toEqual(['TreatmentStarted', 'AccountTiered']);
  });

  it('keeps the strategy and the halts in force', async () => {
    await start();
    const control = () => world.get(TieringControl);
    const scope = { strategyHash: null, tier: null, channel: null, debtorId: null };
    const halt = { haltId: 'h1', scope, reason: 'test', by: 'ops' };
    await control().halt(halt);
    world = await world.restarted();
    await control().halt(halt);
    await activate();
    expect(world.published).toEqual([]);
    expect(await control().resume({ haltId: 'h1', reason: 'over', by: 'ops' })).toBe(true);
    expect(world.thenTypes()).toEqual(Array(SHARDS).fill('ContactsResumed'));
  });
});

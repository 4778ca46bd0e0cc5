import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, Destination, GuardApi, Verdict } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { ANN, answered, debtorRecorded, legEnded, legLost, legRefused, sh } from './testing/facts.js';
import { deniedBy, guardBy, intakeSaid, request } from './testing/guard.js';
import { rule, smallProfileWith } from './testing/small-profile.js';

/** One call sets 30 aside; two fit into an hour of Ann's shard, which has half of the caps. */
const profile = smallProfileWith(
  rule('SMALL-DESTINATION', {
    kind: 'destination',
    allow: { call: { CN: ['mobile'] }, sms: { CN: ['mobile'] } },
  }),
  rule('SMALL-SPEND', {
    kind: 'spend',
    currency: 'CNY',
    perHour: 120,
    perDay: 240,
    prices: { call: { CN: 10 }, sms: { CN: 5 } },
    reserve: { callMinutes: 3, smsParts: 3 },
  }),
);

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));
const phone = (phoneRef: string, kind: Destination['kind'], order: number) => ({
  phoneRef,
  number: 'enc:1:k:AAAA',
  kind: 'registered' as const,
  order,
  confirmedAt: null,
  destination: { country: 'CN', kind },
});

beforeEach(async () => {
  world = await serviceWorld(guardBy(profile));
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
  const phones = [phone('ann-phone-1', 'mobile', 1), phone('ann-phone-2', 'premium', 2)];
  await world.given('intake', ANN, debtorRecorded({ phones }));
});
afterEach(() => world.stop());

describe('where a number leads', () => {
  test('decides whether it is called, and stands in the verdict', async () => {
    expect((await ask('c-1')).result).toBe('allowed');
    expect(deniedBy(await ask('c-2', { phoneRef: 'ann-phone-2' }))).toEqual(['SMALL-DESTINATION']);
    const [denied] = world.thenOf<{ verdict: Verdict }>('ContactDenied');
    expect(denied?.verdict.destination).toEqual({ country: 'CN', kind: 'premium' });
  });

  test('denies a number of which intake did not say it', async () => {
    expect(deniedBy(await ask('c-1', { phoneRef: 'ann-phone-3' }))).toContain('SMALL-DESTINATION');
  });
});

describe('what is spent', () => {
  const fill = async () => {
    for (const id of ['c-1', 'c-2']) expect((await ask(id)).result).toBe('allowed');
    expect(deniedBy(await ask('c-3'))).toEqual(['SMALL-SPEND']);
  };

  test('is set aside with the permit, until the next hour', async () => {
    await fill();
    expect(await ask('c-3')).toMatchObject({ retryNotBefore: sh('2026-11-04T11:00:00.000') });
    await world.moveTo(sh('2026-11-04T11:00:00.000'));
    expect(deniedBy(await ask('c-4'))).toEqual([]);
  });

  test('is given back by a call that nobody answered or that never left', async () => {
    await fill();
    await world.given('telephony', ANN, legEnded('c-1'));
    expect(deniedBy(await ask('c-4'))).toEqual([]);
    await world.given('telephony', ANN, legRefused('c-2', 'settled'));
    expect(deniedBy(await ask('c-5'))).toEqual([]);
    expect(deniedBy(await ask('c-6'))).toContain('SMALL-SPEND');
  });

  test('is what the minutes cost in the end, once, and all that was set aside where the end is not known', async () => {
    await fill();
    const ended = legEnded('c-1', { ...answered, costUnits: 1 });
    await world.given('telephony', ANN, ended);
    await world.given('telephony', ANN, ended);
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-SPEND']);
    await world.given('telephony', ANN, legLost('c-2'));
    expect(deniedBy(await ask('c-5'))).toEqual(['SMALL-SPEND']);
  });

  test('is not forgotten by a restart', async () => {
    await fill();
    world = await world.restarted();
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-SPEND']);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, GuardApi, IntakeEvent } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { ANN, answered, BOB, callEnded, legEnded, sh } from './testing/facts.js';
import { deniedBy, guardBy, intakeSaid, request } from './testing/guard.js';
import { rule, smallProfileWith } from './testing/small-profile.js';

const profile = smallProfileWith(
  rule('SMALL-APART', { kind: 'shared-apart', minutes: 120 }, ['call']),
  rule(
    'SMALL-FEW',
    {
      kind: 'counter',
      counts: 'attempt',
      key: 'number',
      windows: ['calendar-day'],
      limit: 4,
      exceptions: [],
      onlyShared: true,
    },
    ['call'],
  ),
  rule('SMALL-BY-MANY', { kind: 'shared-by', below: 3 }, ['call']),
);

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));
/** Ann's first number is Bob's as well. */
const ann = async (contactId: string) => deniedBy(await ask(contactId));
const bob = async (contactId: string) => deniedBy(await ask(contactId, { debtorId: BOB, phoneRef: 'bob-phone-1' }));
const at = (time: string) => world.moveTo(sh(`2026-11-04T${time}:00.000`));
const shared = (debtorId: string, phoneRef: string, debtors: number): IntakeEvent => ({
  type: 'NumberShared',
  data: { debtorId, phoneRef, debtors },
});

beforeEach(async () => {
  world = await serviceWorld(guardBy(profile));
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('a number of two debtors', () => {
  test('is not called for one within two hours of a call for the other, answered or not', async () => {
    expect(await ann('a-1')).toEqual([]);
    await world.given('telephony', ANN, legEnded('a-1', answered));
    expect(await bob('b-1')).toEqual(['SMALL-APART']);
    await at('11:59');
    expect(await bob('b-2')).toEqual(['SMALL-APART']);
    await at('12:00');
    expect(await bob('b-3')).toEqual([]);
    expect(await ann('a-2')).toEqual(['SMALL-APART']);
  });

  test('is called at most four times a day for both', async () => {
    for (const [time, who, id] of [
      ['10:00', ann, 'a-1'],
      ['12:00', bob, 'b-1'],
      ['14:00', ann, 'a-2'],
      ['16:00', bob, 'b-2'],
    ] as const) {
      await at(time);
      expect(await who(id)).toEqual([]);
    }
    await at('18:00');
    expect(await ann('a-3')).toEqual(['SMALL-FEW']);
    expect(await bob('b-3')).toEqual(['SMALL-FEW']);
    expect(deniedBy(await ask('a-4', { phoneRef: 'ann-phone-2' }))).toEqual([]);
  });

  test('of a wrong person is barred for the one who was asked for; one who asks to stop is left alone by all', async () => {
    const said = (kind: 'wrong-person' | 'third-party-stop') =>
      callEnded('c-0', {
        stops: [{ kind, scope: kind === 'wrong-person' ? 'number' : 'number-everywhere', turn: 1 }],
      });
    await world.given('dialer', ANN, said('wrong-person'));
    expect(await ann('a-1')).toEqual(['SMALL-BARRED']);
    expect(await bob('b-1')).toEqual([]);
    await world.given('dialer', ANN, said('third-party-stop'));
    expect(await bob('b-2')).toContain('SMALL-BARRED');
  });
});

describe('a number of three debtors', () => {
  test('is called by no robot, and again when one of them has left it', async () => {
    await world.given('intake', ANN, shared(ANN, 'ann-phone-1', 3));
    expect(await ann('a-1')).toEqual(['SMALL-BY-MANY']);
    expect(deniedBy(await ask('a-2', { phoneRef: 'ann-phone-2' }))).toEqual([]);
    await world.given('intake', ANN, shared(ANN, 'ann-phone-1', 2));
    expect(await ann('a-3')).toEqual([]);
  });
});

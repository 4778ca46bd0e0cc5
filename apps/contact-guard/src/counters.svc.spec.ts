import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, GuardApi } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import {
  ANN,
  answered,
  BOB,
  callEnded,
  legEnded,
  legLost,
  legRefused,
  smsRejected,
  smsUnknown,
  smsWithdrawn,
} from './testing/facts.js';
import { deniedBy, guardAtTen, intakeSaid, request } from './testing/guard.js';

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));

beforeEach(async () => {
  world = await serviceWorld(guardAtTen);
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('counters', () => {
  const connect = async (contactId: string) => {
    expect((await ask(contactId)).result).toBe('allowed');
    await world.given('telephony', ANN, legEnded(contactId, answered));
  };

  test('an answered, a doubtful and a lost call each use the connected place', async () => {
    await connect('c-1');
    await ask('c-2');
    await world.given('telephony', ANN, legEnded('c-2', { ...answered, connected: 'doubt' }));
    await ask('c-3');
    await world.given('telephony', ANN, legLost('c-3'));
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-CONNECTED']);
  });

  test('an unanswered call gives the connected place back and keeps the attempt: six of them, then no more', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) {
      expect((await ask(`c-${n}`)).result).toBe('allowed');
      await world.given('telephony', ANN, legEnded(`c-${n}`));
    }
    expect(deniedBy(await ask('c-7'))).toEqual(['SMALL-ATTEMPTS']);
  });

  test('a tombstone and a fault before ringing give both places back, a cancelled leg does not', async () => {
    for (let n = 0; n < 8; n++) {
      expect((await ask(`c-${n}`)).result).toBe('allowed');
      const never = n % 2 ? legRefused(`c-${n}`, 'settled') : legEnded(`c-${n}`, { ringAt: null, sipCode: 503 });
      await world.given('telephony', ANN, never);
    }
    expect(world.thenOf('ReservationConfirmed')).toEqual([]);
    await ask('c-9');
    await world.given('telephony', ANN, legEnded('c-9', { ringAt: null, sipCode: 487, hungUpBy: 'revoked' }));
    expect(world.thenOf('ReservationConfirmed')).toHaveLength(1);
  });

  test('an outcome counts once: later words about the same contact change nothing', async () => {
    await connect('c-1');
    const before = world.events.length;
    await world.given('telephony', ANN, legEnded('c-1'));
    await world.given('telephony', ANN, legRefused('c-1', 'late'));
    await world.given('dialer', ANN, callEnded('c-1'));
    expect(world.events).toHaveLength(before);
  });

  test('calls and SMS that others know and the guard does not, as after a restore, count', async () => {
    for (const id of ['c-1', 'c-2', 'c-3']) await world.given('telephony', ANN, legEnded(id, answered));
    await world.given('telephony', ANN, legRefused('c-9', 'settled'));
    await world.given('telephony', ANN, legEnded('c-1', answered));
    expect(world.thenOf('ContactImported')).toHaveLength(3);
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-CONNECTED']);
    expect(deniedBy(await ask('c-1'))).toEqual(['PERMIT-USED']);
    await world.given('sms', ANN, smsUnknown('s-1'));
    expect(deniedBy(await ask('s-2', { channel: 'sms' }))).toEqual(['SMALL-SMS']);
  });

  test('an unanswered call that the guard does not know counts for its number, one of unknown number for every', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) await world.given('telephony', ANN, legEnded(`c-${n}`));
    expect(deniedBy(await ask('c-7'))).toEqual(['SMALL-ATTEMPTS']);
    expect((await ask('c-8', { phoneRef: 'ann-phone-2' })).result).toBe('allowed');
  });

  test('nobody is contacted while what the store lost is not confirmed', async () => {
    await world.core.store.beginEpoch('a subscriber is ahead');
    await expect(ask('c-1')).rejects.toMatchObject({ name: 'HistoryLost' });
    await world.life.confirmHistory('ann');
    expect((await ask('c-1')).result).toBe('allowed');
  });

  test('a permit that expired unused keeps its places', async () => {
    for (const id of ['c-1', 'c-2', 'c-3']) await ask(id);
    world.passWall(60_000);
    expect(deniedBy(await ask('c-4'))).toEqual(['SMALL-CONNECTED']);
  });

  test('tries of one number count over both debtors who share it', async () => {
    const bob = (id: string) => ask(id, { debtorId: BOB, phoneRef: 'bob-phone-1' });
    for (const n of [1, 2, 3]) {
      await ask(`a-${n}`);
      await world.given('telephony', ANN, legEnded(`a-${n}`));
      expect((await bob(`b-${n}`)).result).toBe('allowed');
      await world.given('telephony', BOB, legEnded(`b-${n}`, {}, BOB));
    }
    expect(deniedBy(await bob('b-4'))).toEqual(['SMALL-ATTEMPTS']);
    expect(deniedBy(await ask('a-4'))).toEqual(['SMALL-ATTEMPTS']);
    expect((await ask('a-5', { phoneRef: 'ann-phone-2' })).result).toBe('allowed');
    expect(JSON.stringify(world.events)).not.toContain('key-1');
  });

  test('one unsolicited SMS a day; a rejected or withdrawn one gives its place back', async () => {
    const sms = (id: string, solicitedBy: string | null = null) => ask(id, { channel: 'sms', solicitedBy });
    await sms('s-1');
    await world.given('sms', ANN, smsRejected('s-1'));
    await sms('s-2');
    await world.given('sms', ANN, smsWithdrawn('s-2'));
    expect((await sms('s-3')).result).toBe('allowed');
    await world.given('sms', ANN, smsUnknown('s-3'));
    expect(deniedBy(await sms('s-4', 'dialer/1/0/1'))).toEqual(['SMALL-SMS']);
    await world.given('dialer', ANN, callEnded('c-1', { smsAsked: ['ways'] }));
    expect((await sms('s-5', 'dialer/1/0/1')).result).toBe('allowed');
    expect(deniedBy(await sms('s-6'))).toEqual(['SMALL-SMS']);
  });
});

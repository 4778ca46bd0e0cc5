import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openField, phoneRefOf } from '@mora/keys';
import { CASE, DEBTOR, KEY, local, numberOf, PHONE, protocolOf } from '../testing/facts.js';
import { accepted } from '../testing/fake-smsc.js';
import { SmsWorld } from '../testing/sms-world.fixture.js';
import { replyOf } from './sender.js';

const bulk = local(1, '20:40');
let world: SmsWorld;
beforeEach(async () => {
  world = await SmsWorld.of();
  await world.open();
  await world.call(local(1, '14:30'));
});
afterEach(() => world.stop());

const protocol = () => protocolOf(world.events);

describe('the way out', () => {
  it('commits intent and submitting before the submit, and the permit names the SMS', async () => {
    const seen: string[] = [];
    world.onCommitted((events) => void seen.push(...protocolOf(events)));
    world.verdict = (request) => {
      seen.push('authorize');
      return world.allowed(request);
    };
    world.reveal = async (permit) => {
      seen.push(`reveal ${permit.channel}`);
      return numberOf(permit.phoneRef);
    };
    world.smsc.answer = async () => {
      seen.push('submit');
      return { result: 'accepted', providerIds: ['p'], costUnits: 2 };
    };
    await world.runUntil(bulk);
    expect(seen).toEqual(['SmsIntended', 'authorize', 'reveal sms', 'SmsSubmitting', 'submit', 'SmsSubmitted']);
    expect(world.requests[0]!.contactId).toBe(world.smsc.submissions[0]!.smsId);
  });
  it('stores the text sealed for its place', async () => {
    await world.runUntil(bulk);
    const intended = world.last<{ smsId: string; text: string }>('SmsIntended');
    const place = { debtorId: DEBTOR, stream: `sms-${intended!.smsId}`, field: 'text' };
    expect(openField(KEY, place, intended!.text)).toBe(world.smsc.submissions[0]!.text);
    expect(JSON.stringify(world.events)).not.toContain('王先生');
  });
  it('submits nothing when the guard denies, and asks again at the instant it names', async () => {
    const later = local(1, '20:50');
    world.verdict = (request) =>
      world.requests.length === 1
        ? { result: 'denied', deniedBy: ['CN-X'], retryNotBefore: later }
        : world.allowed(request);
    await world.runUntil(local(1, '20:49'));
    expect(world.sent()).toEqual([]);
    expect(world.last('SmsDeniedByGuard')).toMatchObject({ deniedBy: ['CN-X'], retryNotBefore: later });
    await world.runUntil(later);
    expect(world.sent()).toEqual([['a', later]]);
    expect(new Set(world.requests.map((r) => r.contactId)).size).toBe(2);
  });
  it('submits nothing when the guard cannot be asked', async () => {
    world.verdict = () => Promise.reject(new Error('no route'));
    await world.runUntil(bulk);
    expect(world.sent()).toEqual([]);
    expect(world.last('SmsWithdrawn')).toMatchObject({ because: 'guard-unreachable' });
  });
  it('submits nothing under a permit that has expired', async () => {
    world.verdict = (request) => world.allowed(request, { startNotAfter: '2026-11-22T23:59:59.999Z' });
    await world.runUntil(bulk);
    expect(world.sent()).toEqual([]);
    expect(protocol()).toEqual(['SmsIntended', 'SmsWithdrawn']);
  });
  it('submits nothing to a number that is not the permit’s, and says that it never left', async () => {
    world.reveal = async () => '+8613800000009';
    await world.runUntil(bulk);
    expect(world.sent()).toEqual([]);
    expect(protocol()).toEqual(['SmsIntended', 'SmsWithdrawn']);
    expect(world.last('SmsWithdrawn')).toMatchObject({ because: 'number of another permit' });
  });
  it('submits nothing to a destination that is not on the list, also with a permit for it', async () => {
    const premium = '+8616812345';
    world.verdict = (request) => world.allowed(request, { phoneRef: phoneRefOf(KEY.key, premium) });
    world.reveal = async () => premium;
    await world.runUntil(bulk);
    expect(world.sent()).toEqual([]);
    expect(world.last('SmsWithdrawn')).toMatchObject({ because: 'destination not on the list' });
  });
  it('submits nothing past the permit’s business end', async () => {
    world.verdict = (request) => world.allowed(request, { endBy: bulk });
    await world.runUntil(bulk);
    expect(world.sent()).toEqual([]);
  });
  for (const [what, source, type, data] of [
    ['the account is cured', 'intake', 'CaseCured', { caseId: CASE, unpaidMinimum: 0 }],
    [
      'a stop is placed',
      'guard',
      'StopPlaced',
      {
        stopId: 's',
        kind: 'complaint',
        scope: 'debtor',
        accountId: null,
        phoneRef: null,
        channels: ['sms'],
        until: null,
      },
    ],
    ['the account is handed over', 'tiering', 'HandedOver', { caseId: CASE }],
    ['the number is barred', 'guard', 'NumberBarred', { debtorId: DEBTOR, phoneRef: PHONE, everywhere: false }],
    [
      'contacts are halted',
      'tiering',
      'ContactsHalted',
      { haltId: 'h', scope: { strategyHash: null, tier: null, channel: null, debtorId: null } },
    ],
  ] as const) {
    it(`withdraws the queued SMS when ${what}`, async () => {
      world.verdict = async (request) => {
        if (world.requests.length === 1) await world.tellMeanwhile(source, type, data);
        return world.allowed(request);
      };
      await world.runUntil(bulk);
      expect(protocol()).toEqual(expect.arrayContaining(['SmsIntended', 'SmsWithdrawn']));
      expect(world.requests.length === 1 ? world.sent() : world.sent().slice(1)).toEqual([]);
    });
  }
  it('withdraws when its permit is revoked', async () => {
    world.verdict = async (request) => {
      if (world.requests.length === 1)
        await world.tellMeanwhile('guard', 'PermitRevoked', {
          contactId: request.contactId,
          channel: 'sms',
          why: 'cure',
        });
      return world.allowed(request);
    };
    await world.runUntil(bulk);
    expect(protocol().slice(0, 2)).toEqual(['SmsIntended', 'SmsWithdrawn']);
    expect(world.last('SmsWithdrawn')).toMatchObject({ because: 'revoked: cure' });
  });
});

describe('after a crash', () => {
  it('between submit and answer the SMS is unknown, counted, and never sent again', async () => {
    world.smsc.answer = () => world.kill();
    await world.runUntil(bulk);
    world.smsc.answer = accepted;
    await world.restart();
    await world.runUntil(local(5, '12:00'));
    expect(world.sent()).toHaveLength(1);
    expect(protocol()).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsUnknown']);
    await world.receipt(world.smsc.submissions[0]!.smsId, local(5, '12:00'));
    expect(protocol().at(-1)).toBe('SmsDelivered');
  });
  it('before the permit the intent is asked again under the same id', async () => {
    world.verdict = () => world.kill();
    await world.runUntil(bulk);
    world.verdict = (request) => world.allowed(request);
    await world.restart();
    expect(world.sent()).toHaveLength(1);
    expect(new Set(world.requests.map((r) => r.contactId)).size).toBe(1);
  });
  it('is handed over once although two processes reach the submit at the same time', async () => {
    const both = Promise.withResolvers<void>();
    let other: ReturnType<SmsWorld['beside']> | null = null;
    world.verdict = async (request) => {
      if (world.requests.length === 2) both.resolve();
      else if (world.requests.length === 1) other = world.beside();
      await both.promise;
      return world.allowed(request);
    };
    await world.runUntil(bulk);
    await (await other!).stop();
    expect(world.requests).toHaveLength(2);
    expect(world.sent()).toHaveLength(1);
  });
  it('is lost when the SMSC gives no answer', async () => {
    world.smsc.answer = () => Promise.reject(new Error('reset'));
    await world.runUntil(local(3, '12:00'));
    expect(world.sent()).toHaveLength(1);
    expect(protocol()).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsUnknown']);
  });
});

describe('receipts and replies', () => {
  it('takes a receipt in once', async () => {
    await world.runUntil(bulk);
    const { smsId } = world.smsc.submissions[0]!;
    await world.receipt(smsId, local(1, '20:42'));
    await world.receipt(smsId, local(1, '20:42'));
    expect(protocol().filter((type) => type === 'SmsDelivered')).toHaveLength(1);
  });
  it('does not use a number again whose reader answered N', async () => {
    await world.runUntil(bulk);
    const { smsId } = world.smsc.submissions[0]!;
    await world.receipt(smsId, local(1, '20:42'));
    const reply = { kind: 'reply', smsId, debtorId: DEBTOR, at: local(1, '20:44'), text: ' n ' } as const;
    await world.hear(reply);
    await world.hear(reply);
    expect(world.events.filter(({ type }) => type === 'SmsReplied')).toHaveLength(1);
    await world.runUntil(local(6, '12:00'));
    expect(world.requests.map((r) => r.phoneRef === PHONE)).toEqual([true, false]);
  });
  it('tells N, T, 1 and 2 from anything else', () => {
    expect(['N', 'ｎ', ' t', '1', '２', '12', '好的'].map(replyOf)).toEqual([
      'N',
      'N',
      'T',
      '1',
      '2',
      'other',
      'other',
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openField, phoneRefOf } from '@mora/keys';
import { EventCore } from '@mora/service';
import type { SmscReceipt } from '../outbound/smsc.js';
import { CASE, DEBTOR, KEY, local, numberOf, PHONE, protocolOf } from '../testing/facts.js';
import { accepted } from '../testing/fake-smsc.js';
import { SmsWorld } from '../testing/sms-world.fixture.js';

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
  it('submits nothing by a clock that is off: the permit may have expired', async () => {
    Object.defineProperty(world.get(EventCore), 'isClockOff', { value: true });
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
  const receiptOf = (providerId: string, of: Partial<SmscReceipt> = {}): SmscReceipt => {
    const { smsId } = world.smsc.submissions[0]!;
    const at = local(1, '20:42');
    return { kind: 'receipt', smsId, debtorId: DEBTOR, providerId, at, delivered: true, error: '', ...of };
  };
  const inParts = async (...ids: readonly string[]) => {
    world.smsc.answer = async () => ({ result: 'accepted', providerIds: ids, costUnits: ids.length });
    await world.runUntil(bulk);
  };
  const lost = (error = 'EXPIRED') => ({ delivered: false, error });

  it('keeps a receipt that comes before the answer to the submit, and joins it', async () => {
    world.smsc.answer = async (submission) => {
      await world.hearMeanwhile(receiptOf('p1', { smsId: submission.smsId }), 'SmsReceiptNoted');
      await world.hearMeanwhile(receiptOf('foreign', { smsId: submission.smsId }), 'SmsReceiptNoted');
      return { result: 'accepted', providerIds: ['p1'], costUnits: 1 };
    };
    await world.runUntil(bulk);
    expect(protocol().slice(-2)).toEqual(['SmsSubmitted', 'SmsDelivered']);
    expect(world.last('SmsReceiptRefused')).toMatchObject({ providerId: 'foreign', why: 'foreign-id' });
  });
  it('keeps one that comes before the SMSC answers nothing', async () => {
    world.smsc.answer = async (submission) => {
      await world.hearMeanwhile(receiptOf('p1', { smsId: submission.smsId }), 'SmsReceiptNoted');
      throw new Error('reset');
    };
    await world.runUntil(bulk);
    expect(protocol().slice(-2)).toEqual(['SmsUnknown', 'SmsDelivered']);
  });
  it('is delivered when every part is, and not before', async () => {
    await inParts('p1', 'p2', 'p3');
    for (const id of ['p1', 'p2', 'p2', 'p1']) await world.hear(receiptOf(id, { parts: 1 }));
    expect(protocol()).not.toContain('SmsDelivered');
    await world.hear(receiptOf('p3', { parts: 1 }));
    expect(protocol().filter((type) => type === 'SmsDelivered')).toHaveLength(1);
  });
  it('of parts whose names nobody knows is delivered when there are as many', async () => {
    world.smsc.answer = () => Promise.reject(new Error('reset'));
    await world.runUntil(bulk);
    const { segments } = world.smsc.submissions[0]!;
    for (let part = 1; part < segments; part += 1) await world.hear(receiptOf(`x${part}`, { parts: 1 }));
    expect(protocol()).not.toContain('SmsDelivered');
    await world.hear(receiptOf('x', { parts: 1 }));
    expect(protocol()).toContain('SmsDelivered');
  });
  it('is expired when one part is', async () => {
    await inParts('p1', 'p2');
    await world.hear(receiptOf('p1', { parts: 1 }));
    await world.hear(receiptOf('p2', { parts: 1, ...lost() }));
    expect(world.last('SmsUndelivered')).toMatchObject({ providerId: 'p2', error: 'EXPIRED' });
    expect(protocol()).not.toContain('SmsDelivered');
  });
  it('that arrived after all is delivered: the loss is taken back, the number lives, and nothing is sent again', async () => {
    await inParts('p1');
    await world.hear(receiptOf('p1', { at: local(1, '20:45'), ...lost('UNDELIV') }));
    await world.hear(receiptOf('p1', { at: local(1, '20:50') }));
    expect(world.last('SmsDelivered')).toMatchObject({ undeliveredAt: local(1, '20:45') });
    await world.hear(receiptOf('p1', { at: local(1, '20:51'), ...lost('UNDELIV') }));
    expect(protocol().slice(-2)).toEqual(['SmsUndelivered', 'SmsDelivered']);
    await world.runUntil(local(6, '12:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a', 'b']);
    expect(world.requests.at(-1)!.phoneRef).toBe(PHONE);
  });
  it('refuses and counts once a receipt under an id that is not its own', async () => {
    await inParts('p1');
    for (const id of ['p9', 'p9']) await world.hear(receiptOf(id));
    expect(protocol()).not.toContain('SmsDelivered');
    expect(world.events.filter(({ type }) => type === 'SmsReceiptRefused').map(({ data }) => data)).toMatchObject([
      { providerId: 'p9', why: 'foreign-id' },
    ]);
  });
  it('refuses and counts once a receipt of an SMS that it does not know, or never submitted', async () => {
    world.verdict = async () => ({ result: 'denied', deniedBy: ['CN-X'], retryNotBefore: null });
    await world.runUntil(bulk);
    const { smsId } = world.last<{ smsId: string }>('SmsDeniedByGuard')!;
    for (const id of ['unknown', 'unknown', smsId]) await world.hear({ ...receiptOfUnsent, smsId: id });
    expect(world.events.filter(({ type }) => type === 'SmsReceiptRefused').map(({ data }) => data)).toMatchObject([
      { smsId: 'unknown', why: 'unknown-sms' },
      { smsId, why: 'never-submitted' },
    ]);
  });
  it('of b is a credit notice delivered once', async () => {
    await world.runUntil(local(6, '12:00'));
    const sent = world.smsc.submissions.at(-1)!;
    expect(sent.trigger).toBe('b');
    const at = local(6, '12:05');
    await world.hear(receiptOf(`p-${sent.smsId}`, { smsId: sent.smsId, at, ...lost() }));
    await world.hear(receiptOf(`p-${sent.smsId}`, { smsId: sent.smsId, at }));
    await world.hear(receiptOf(`p-${sent.smsId}`, { smsId: sent.smsId, at }));
    expect(world.events.filter(({ type }) => type === 'CreditNoticeDelivered')).toHaveLength(1);
  });
  const receiptOfUnsent: SmscReceipt = {
    kind: 'receipt',
    smsId: 'unknown',
    debtorId: DEBTOR,
    providerId: 'p',
    at: local(1, '20:42'),
    delivered: true,
    error: '',
  };

  it('does not use a number again whose reader answered N', async () => {
    await world.runUntil(bulk);
    const { smsId } = world.smsc.submissions[0]!;
    await world.receipt(smsId, local(1, '20:42'));
    const reply = {
      kind: 'reply',
      replyId: null,
      smsId,
      debtorId: DEBTOR,
      at: local(1, '20:44'),
      text: ' n ',
    } as const;
    await world.hear(reply);
    await world.hear(reply);
    expect(world.events.filter(({ type }) => type === 'SmsReplied')).toHaveLength(1);
    await world.runUntil(local(6, '12:00'));
    expect(world.requests.map((r) => r.phoneRef === PHONE)).toEqual([true, false]);
  });
  const answer = async (text: string, at = local(1, '20:44')) => {
    const { smsId } = world.smsc.submissions[0]!;
    await world.hear({ kind: 'reply', replyId: null, smsId, debtorId: DEBTOR, at, text });
  };
  it('says once what an answer stops, whom it asks for, and of which account', async () => {
    await world.runUntil(bulk);
    await answer('１');
    await answer('2。', local(1, '20:45'));
    await answer('不要再打电话了', local(1, '20:46'));
    const replied = world.events.filter(({ type }) => type === 'SmsReplied').map(({ data }) => data);
    const context = expect.objectContaining({ caseId: CASE, accountId: 'account-one' });
    expect(replied).toMatchObject([
      { reply: '1', stops: [{ kind: 'claims-paid', scope: 'account' }], forHuman: false, doubtful: false, context },
      { reply: '2', stops: [], handOver: 'human-asked', forHuman: false, context },
      { reply: 'other', stops: [{ kind: 'stop-asked', scope: 'debtor', channels: ['call'] }], forHuman: true, context },
    ]);
    expect(JSON.stringify(world.events)).not.toContain('不要再打');
  });
  it('leaves a claim from a number that somebody else answered to a human', async () => {
    await world.runUntil(bulk);
    await world.call(local(2, '10:00'), { disposition: 'third-party', connected: 'yes', conversation: true });
    await answer('1', local(2, '10:05'));
    expect(world.last('SmsReplied')).toMatchObject({ reply: '1', stops: [], doubtful: true, forHuman: true });
  });
  it('leaves a claim from a number that another debtor has too to a human', async () => {
    await world.runUntil(bulk);
    await world.tell(local(1, '20:41'), 'intake', 'NumberShared', { phoneRef: PHONE, debtors: 2 });
    await answer('1', local(1, '20:44'));
    expect(world.last('SmsReplied')).toMatchObject({ reply: '1', stops: [], doubtful: true, forHuman: true });
  });
  it('keeps an answer to an SMS that it does not know, once, without its words', async () => {
    await world.runUntil(bulk);
    for (const smsId of ['unknown', 'unknown'])
      await world.hear({
        kind: 'reply',
        replyId: 'r1',
        smsId,
        debtorId: DEBTOR,
        at: local(1, '20:44'),
        text: '我要投诉',
      });
    await world.hear({ kind: 'reply', replyId: 'r2', smsId: null, debtorId: null, at: local(1, '20:44'), text: 'N' });
    const kept = world.events.filter(({ type }) => type === 'SmsReplyUnmatched').map(({ data }) => data);
    expect(kept).toMatchObject([
      { replyId: 'r1', debtorId: DEBTOR, reply: 'other', why: 'unknown-sms', stops: [{ kind: 'complaint' }] },
      { replyId: 'r2', smsId: null, debtorId: null, reply: 'N', why: 'unknown-sms' },
    ]);
    expect(JSON.stringify(kept)).not.toContain('投诉');
  });
  it('keeps that somebody answered for whom there is no key any more', async () => {
    await world.runUntil(bulk);
    world.erased = true;
    await answer('N');
    expect(world.last('SmsReplyUnmatched')).toMatchObject({ reply: 'N', why: 'no-key' });
  });
});

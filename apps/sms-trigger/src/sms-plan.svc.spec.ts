import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DialogueResult } from '@mora/contracts';
import { CASE, day, local, OTHER_CASE, PHONE, SECOND_PHONE, talked } from './testing/facts.js';
import { SmsWorld } from './testing/sms-world.fixture.js';

const dialogue = (...smsAsked: DialogueResult['smsAsked']): Partial<DialogueResult> => ({ smsAsked });
const promise = { caseId: CASE, amount: 50_000, currency: 'CNY' };

let world: SmsWorld;
beforeEach(async () => {
  world = await SmsWorld.of();
  await world.open();
});
afterEach(() => world.stop());

describe('SMS a', () => {
  it('goes at 20:40 when nobody was reached that day, and not before', async () => {
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '20:39'));
    expect(world.sent()).toEqual([]);
    await world.runUntil(local(1, '20:40'));
    expect(world.sent()).toEqual([['a', local(1, '20:40')]]);
    expect(world.smsc.submissions[0]!.text).toBe(
      '【某某银行】王先生，今日致电未能与您联系。您尾号1234信用卡本期账单8,000.00元，最低还款额还差500.00元，到期还款日11月1日。11月4日（含）前到账视同按时还款。请在官方App还款，客服400-000-0000。如已还款请忽略，非本人请回复N。',
    );
  });
  it('goes 2 to 10 minutes after a conversation', async () => {
    await world.call(local(1, '14:30'), talked, dialogue());
    await world.runUntil(local(1, '14:31'));
    expect(world.sent()).toEqual([]);
    await world.runUntil(local(1, '14:40'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a']);
  });
  it('becomes n, without a debt word, while another debtor has the number', async () => {
    await world.call(local(1, '14:30'));
    const shared = (debtors: number) => ({ phoneRef: PHONE, debtors });
    await world.tell(local(1, '15:00'), 'intake', 'NumberShared', shared(2));
    await world.runUntil(local(1, '20:40'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['n']);
    expect(world.smsc.submissions[0]!.text).not.toMatch(/还款|账单|信用卡/);
  });
  it('is taken back when the number turns out to be shared while it is on its way', async () => {
    world.verdict = async (request) => {
      if (world.requests.length === 1)
        await world.tellMeanwhile('intake', 'NumberShared', { phoneRef: PHONE, debtors: 2 });
      return world.allowed(request);
    };
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '23:00'));
    expect(world.last('SmsWithdrawn')).toMatchObject({ because: 'number-shared' });
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['n']);
  });
  it('is a again when he has the number alone', async () => {
    await world.call(local(1, '14:30'));
    for (const debtors of [2, 1])
      await world.tell(local(1, '15:00'), 'intake', 'NumberShared', { phoneRef: PHONE, debtors });
    await world.runUntil(local(1, '20:40'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a']);
  });
  it('goes once per episode', async () => {
    await world.call(local(1, '14:30'));
    await world.call(local(2, '14:30'));
    await world.runUntil(local(3, '23:00'));
    expect(world.sent()).toHaveLength(1);
  });
  it('lapses after a wrong person, with its reason', async () => {
    await world.call(local(1, '14:30'), { disposition: 'wrong-person', connected: 'yes' });
    await world.runUntil(local(2, '23:00'));
    expect(world.sent()).toEqual([]);
    expect(world.last('SmsLapsed')).toMatchObject({ trigger: 'a', reason: 'after-wrong-person' });
  });
  it('is held without a date once the account is cured', async () => {
    await world.call(local(1, '14:30'));
    await world.tell(local(1, '20:00'), 'intake', 'CaseCured', { caseId: CASE, unpaidMinimum: 0 });
    await world.runUntil(local(9, '12:00'));
    expect(world.sent()).toEqual([]);
    expect(world.last('SmsHeld')).toMatchObject({ trigger: 'a', reason: 'cured', nextReviewAt: null });
  });
  it('is sent once more the next day when it was not delivered', async () => {
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '20:40'));
    await world.receipt(world.smsc.submissions[0]!.smsId, local(1, '21:45'), 'EXPIRED');
    await world.runUntil(local(2, '20:39'));
    expect(world.sent()).toHaveLength(1);
    await world.runUntil(local(2, '20:40'));
    await world.receipt(world.smsc.submissions[1]!.smsId, local(2, '21:45'), 'EXPIRED');
    await world.runUntil(local(4, '23:00'));
    expect(world.sent()).toHaveLength(2);
  });
  it('goes to the next own number when the first one is dead', async () => {
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '20:40'));
    await world.receipt(world.smsc.submissions[0]!.smsId, local(1, '20:45'), 'UNDELIV');
    await world.runUntil(local(2, '20:40'));
    expect(world.requests.map((r) => r.phoneRef)).toEqual([PHONE, SECOND_PHONE]);
    expect(world.smsc.submissions.map((s) => s.phoneIndex)).toEqual([0, 1]);
  });
  it('becomes n, without a debt word, where a third party answered last', async () => {
    await world.call(local(1, '14:30'), { disposition: 'third-party', connected: 'yes', conversation: true });
    await world.runUntil(local(1, '23:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['n']);
    expect(world.smsc.submissions[0]!.text).not.toMatch(/还款|逾期|信用卡/);
  });
});

describe('what an SMS says of calls', () => {
  const text = () => world.smsc.submissions.at(-1)!.text;
  it('is not that nobody was reached where somebody unknown answered that day', async () => {
    await world.call(local(1, '14:30'));
    await world.call(local(1, '18:40'), { disposition: 'hung-up-early', connected: 'yes', conversation: false });
    await world.runUntil(local(1, '20:40'));
    expect(text()).not.toContain('未能与您联系');
    expect(text()).toContain('最低还款额还差500.00元');
  });
  it.each([
    ['machine', '今日致电未能与您联系'],
    ['wrong-person', null],
  ])('after a %s today: %s', async (disposition, said) => {
    await world.call(local(1, '14:30'));
    await world.call(local(1, '18:40'), { disposition, connected: 'yes', phoneRef: SECOND_PHONE });
    await world.runUntil(local(1, '20:40'));
    if (said === null) expect(world.sent()).toHaveLength(1);
    else expect(text()).toContain(said);
  });
  it.each([
    [1, false],
    [2, true],
  ])('after %i unanswered calls in five days says "多次": %s', async (calls, says) => {
    for (let n = 1; n <= calls; n += 1) await world.call(local(n, '14:30'));
    await world.runUntil(local(6, '12:00'));
    expect(world.sent().at(-1)).toEqual(['b', local(6, '12:00')]);
    expect(text().includes('多次致电')).toBe(says);
  });
});

describe('hours agreed for SMS', () => {
  it.each([
    ['sms', '19:00'],
    ['any', '19:00'],
    ['call', '20:40'],
  ])('for %s: a goes at %s', async (channel, time) => {
    const agreedWindows = [{ from: '19:00', to: '20:00', channel, expiresOn: null }];
    const { debtorId: _id, ...known } = world.last<{ debtorId: string; surname: string; salutation: string }>(
      'DebtorNoted',
    )!;
    const phones = [{ phoneRef: PHONE, number: known.surname, kind: 'registered', order: 1, confirmedAt: null }];
    await world.tell(local(1, '06:00'), 'intake', 'DebtorRecorded', {
      name: known.surname,
      surname: known.surname,
      salutation: known.salutation,
      phones,
      agreedWindows,
    });
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '23:00'));
    expect(world.sent()).toEqual([['a', local(1, time)]]);
  });
});

describe('an SMS that was agreed to in a call', () => {
  it('goes although the case is handed over while it is on its way', async () => {
    await world.tell(local(1, '14:30'), 'tiering', 'PromiseMade', { ...promise, date: day(3) });
    await world.call(local(1, '14:30'), { ...talked, disposition: 'promised' }, dialogue('promise'));
    world.verdict = async (request) => {
      await world.tellMeanwhile('tiering', 'HandedOver', { caseId: CASE });
      return world.allowed(request);
    };
    await world.runUntil(local(1, '15:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['q']);
  });
});

describe('SMS b and c', () => {
  beforeEach(() => world.call(local(1, '14:30')));

  it('sends b at noon five days after the first reminder, and keeps its delivery as a notice', async () => {
    await world.runUntil(local(6, '11:59'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a']);
    await world.runUntil(local(6, '12:00'));
    expect(world.sent()[1]).toEqual(['b', local(6, '12:00')]);
    await world.receipt(world.smsc.submissions[1]!.smsId, local(6, '12:02'));
    expect(world.last('CreditNoticeDelivered')).toMatchObject({ caseId: CASE, receiptAt: local(6, '12:02') });
  });
  it('holds b while a promise is open and sends it the day after', async () => {
    await world.tell(local(5, '18:00'), 'tiering', 'PromiseMade', { ...promise, date: day(6) });
    await world.runUntil(local(6, '12:00'));
    expect(world.last('SmsHeld')).toMatchObject({
      trigger: 'b',
      reason: 'open-promise',
      nextReviewAt: local(7, '09:00'),
    });
    await world.tell(local(7, '03:00'), 'tiering', 'PromiseBroken', promise);
    await world.runUntil(local(7, '11:59'));
    expect(world.sent()).toHaveLength(1);
    await world.runUntil(local(7, '12:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a', 'b']);
  });
  it('says of a promise that it did not come only while that is the last word on it', async () => {
    await world.call(local(2, '14:30'), talked, dialogue());
    const told = { ...promise, date: day(4) };
    await world.tell(local(2, '15:00'), 'tiering', 'PromiseMade', told);
    await world.tell(local(5, '03:00'), 'tiering', 'PromiseBroken', told);
    await world.runUntil(local(6, '12:00'));
    expect(world.smsc.submissions.at(-1)!.text).toContain('您约定的还款尚未到账');
    await world.tell(local(7, '03:00'), 'tiering', 'PromiseReopened', { ...told, was: 'broken' });
    await world.tell(local(7, '03:00'), 'tiering', 'PromiseKept', told);
    await world.runUntil(local(8, '12:00'));
    expect(world.sent().at(-1)).toEqual(['c', local(8, '12:00')]);
    expect(world.smsc.submissions.at(-1)!.text).not.toContain('您约定的还款尚未到账');
  });
  it('sends c at noon of DPD 8, and nothing after it', async () => {
    await world.runUntil(local(8, '11:59'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a', 'b']);
    await world.runUntil(local(15, '12:00'));
    expect(world.sent().at(-1)).toEqual(['c', local(8, '12:00')]);
    expect(world.sent()).toHaveLength(3);
  });
  it('is silent after a hand-over', async () => {
    await world.tell(local(5, '18:00'), 'tiering', 'HandedOver', { caseId: CASE });
    await world.runUntil(local(15, '12:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a']);
    expect(world.last('SmsLapsed')).toMatchObject({ trigger: 'c', reason: 'end-of-robot' });
  });
  it('is silent while a stop that covers SMS stands, and speaks again when it is lifted', async () => {
    const stop = { stopId: 's1', kind: 'disputed', scope: 'debtor', accountId: null, phoneRef: null, until: null };
    await world.tell(local(5, '18:00'), 'guard', 'StopPlaced', { ...stop, channels: ['call', 'sms'] });
    await world.runUntil(local(7, '11:00'));
    expect(world.sent()).toHaveLength(1);
    await world.tell(local(7, '11:00'), 'guard', 'StopLifted', { stopId: 's1' });
    await world.runUntil(local(7, '12:00'));
    expect(world.sent().at(-1)).toEqual(['b', local(7, '12:00')]);
  });
  it('goes on where a stop covers calls alone', async () => {
    const stop = { stopId: 's1', kind: 'stop-asked', scope: 'debtor', accountId: null, phoneRef: null, until: null };
    await world.tell(local(5, '18:00'), 'guard', 'StopPlaced', { ...stop, channels: ['call'] });
    await world.runUntil(local(6, '12:00'));
    expect(world.sent()).toHaveLength(2);
  });
  it('waits an hour at a time while contacts are halted', async () => {
    const scope = { strategyHash: null, tier: null, channel: null, debtorId: null };
    await world.tell(local(6, '11:00'), 'tiering', 'ContactsHalted', { haltId: 'h', scope });
    await world.runUntil(local(6, '12:30'));
    expect(world.last('SmsHeld')).toMatchObject({
      trigger: 'b',
      reason: 'halted',
      nextReviewAt: local(6, '13:00'),
    });
    await world.tell(local(6, '12:40'), 'tiering', 'ContactsResumed', { haltId: 'h' });
    await world.runUntil(local(6, '13:00'));
    expect(world.sent().at(-1)).toEqual(['b', local(6, '13:00')]);
  });
});

describe('SMS q and q.remind', () => {
  it('of a promise follows the call in which it was asked for, named as solicited, and settles a', async () => {
    await world.call(local(1, '14:30'), { ...talked, disposition: 'promised' }, dialogue('promise', 'ways'));
    await world.tell(local(1, '14:30'), 'tiering', 'PromiseMade', { ...promise, date: day(3) });
    await world.runUntil(local(1, '23:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['q']);
    expect(world.sent()[0]![1]).toBe(local(1, '14:31'));
    expect(world.smsc.submissions[0]!.text).toContain(
      '您约定11月4日还款500.00元（尾号1234）。本期账单8,000.00元，最低还款额还差500.00元。',
    );
    expect(world.requests.map((r) => r.solicitedBy)).toEqual([expect.stringMatching(/^dialer\/1\//)]);
  });
  it('reminds at 10:00 of the promised day when the promise is at least two days old', async () => {
    await world.call(local(1, '14:30'), { ...talked, disposition: 'promised' }, dialogue());
    await world.tell(local(1, '14:30'), 'tiering', 'PromiseMade', { ...promise, date: day(3) });
    await world.runUntil(local(3, '09:59'));
    expect(world.sent()).toHaveLength(1);
    await world.runUntil(local(3, '10:00'));
    expect(world.sent().at(-1)).toEqual(['q.remind', local(3, '10:00')]);
  });
  it('does not remind of a promise that is one day old', async () => {
    await world.call(local(1, '14:30'), { ...talked, disposition: 'promised' }, dialogue());
    await world.tell(local(1, '14:30'), 'tiering', 'PromiseMade', { ...promise, date: day(2) });
    await world.runUntil(local(2, '23:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a']);
  });
});

describe('several accounts', () => {
  it('sends one unsolicited SMS a day, of the leading account first', async () => {
    await world.open({ caseId: OTHER_CASE, tier: 'H', facts: { accountId: 'account-two', cardTail: '9876' } });
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '23:59'));
    expect(world.smsc.submissions.map((s) => s.text.includes('9876'))).toEqual([true]);
    expect(world.last('SmsHeld')).toMatchObject({ caseId: CASE, trigger: 'a', reason: 'after-a' });
    await world.runUntil(local(2, '23:59'));
    expect(world.smsc.submissions.map((s) => s.text.includes('9876'))).toEqual([true, false]);
  });
});

it('sends only b to the arm without calls, five days after DPD 1', async () => {
  const holdout = await SmsWorld.of();
  await holdout.open({ arm: 'holdout' });
  await holdout.runUntil(local(10, '12:00'));
  expect(holdout.sent()).toEqual([['b', local(6, '12:00')]]);
  await holdout.stop();
});

it('says nothing twice: a fact told again and a look that changes nothing leave no event', async () => {
  await world.call(local(1, '14:30'));
  await world.runUntil(local(1, '15:00'));
  const before = world.events.length;
  await world.tell(local(1, '15:00'), 'tiering', 'AccountTiered', { caseId: CASE, tier: 'L', term: 'short' });
  await world.tell(local(1, '15:00'), 'intake', 'PaymentPosted', { caseId: CASE, unpaidMinimum: 50_000 });
  await world.runUntil(local(1, '20:00'));
  expect(world.events.length).toBe(before);
});

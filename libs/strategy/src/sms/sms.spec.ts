import { describe, expect, it } from '@jest/globals';
import { addDays, daysBetween } from '@mora/business-time';
import { dayOf, local, smsInputs, strategy } from '../package.fixture.js';
import { segmentsOf } from './parts.js';
import type { SmsInputs, SmsPlanItem, TemplateFacts } from './records.js';
import { planSms } from './sms-plan.js';
import { fillTemplate, longestLength } from './templates.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);
const plan = (dpd: number, time: string, of: Partial<SmsInputs> = {}) =>
  planSms(strategy, smsInputs(at(dpd, time), dpd, of));
const one = (items: readonly SmsPlanItem[], trigger: string) => items.find((item) => item.trigger === trigger);
const doneA = [{ trigger: 'a', insteadOf: null, outcome: 'delivered', on: dayOf(1) }] as const;
const spoken = { endedAt: at(1, '14:30'), disposition: 'no-promise', rpc: true, promised: false } as const;
const promise = { amount: 10_000, currency: 'CNY', date: dayOf(3), madeAt: at(1, '14:30') };
const calm = { doubtful: false, shared: false, lastAnsweredByThirdParty: false };

describe('SMS a', () => {
  it('follows a conversation after 2 to 10 minutes', () => {
    for (let n = 0; n < 60; n += 1) {
      const { dueAt, kind } = one(plan(1, '14:30', { firstConversation: spoken, debtorId: `d${n}` }), 'a')!;
      expect(dueAt! >= at(1, '14:32') && dueAt! <= at(1, '14:40') && kind === 'conversation').toBe(true);
    }
  });
  it('goes at 20:40 when nobody was reached that day', () => {
    expect(one(plan(1, '20:39'), 'a')).toMatchObject({
      state: 'later',
      dueAt: at(1, '20:40'),
      templateId: 'a.missed',
      kind: 'bulk',
    });
    expect(one(plan(1, '20:40'), 'a')).toMatchObject({ state: 'due', dueAt: at(1, '20:40') });
  });
  it('tells promised, spoken and missed apart', () => {
    expect(one(plan(1, '15:00', { firstConversation: spoken }), 'a')?.variant).toBe('spoken.L');
    expect(
      one(plan(1, '15:00', { firstConversation: { ...spoken, promised: true }, openPromise: promise }), 'a')
        ?.templateId,
    ).toBe('a.promised');
  });
  it('goes once, waits at most one day, and not at all after a wrong person, a claim or a stop', () => {
    expect(one(plan(2, '10:00', { done: doneA }), 'a')).toBeUndefined();
    expect(one(plan(2, '10:00'), 'a')?.state).toBe('due');
    expect(one(plan(3, '10:00'), 'a')).toMatchObject({ state: 'lapsed', reason: 'waited-too-long' });
    expect(
      one(plan(1, '15:00', { firstCall: { endedAt: at(1, '14:30'), disposition: 'wrong-person' } }), 'a')?.state,
    ).toBe('lapsed');
    expect(one(plan(1, '15:00', { claimChecking: true }), 'a')?.state).toBe('lapsed');
    expect(one(plan(1, '15:00', { stops: ['complaint'] }), 'a')?.state).toBe('lapsed');
    expect(one(plan(1, '15:00', { firstCall: null }), 'a')).toBeUndefined();
  });
  it('does not go outside 09:00–21:00', () => {
    const late = {
      firstCall: { endedAt: at(1, '20:58'), disposition: 'no-promise' },
      firstConversation: { ...spoken, endedAt: at(1, '20:58') },
    } as const;
    expect(one(plan(1, '20:59', late), 'a')).toMatchObject({ state: 'later', dueAt: at(2, '09:00') });
  });
  it('is tried once more the day after it was undelivered', () => {
    const done = [{ trigger: 'a', insteadOf: null, outcome: 'undelivered', on: dayOf(1) }] as const;
    expect(one(plan(2, '10:00', { done }), 'a')).toMatchObject({
      state: 'later',
      dueAt: at(2, '20:40'),
      reason: 'undelivered',
    });
    expect(one(plan(3, '10:00', { done: [...done, { ...done[0], on: dayOf(2) }] }), 'a')).toBeUndefined();
  });
  it('becomes n where somebody else may read it', () => {
    for (const number of [
      { ...calm, doubtful: true },
      { ...calm, shared: true },
      { ...calm, lastAnsweredByThirdParty: true },
    ]) {
      expect(one(plan(1, '20:40', { number }), 'n')).toMatchObject({ insteadOf: 'a', templateId: 'n', state: 'due' });
    }
    expect(
      one(
        plan(2, '10:00', {
          number: { ...calm, shared: true },
          done: [{ trigger: 'n', insteadOf: 'a', outcome: 'submitted', on: dayOf(1) }],
        }),
        'n',
      ),
    ).toBeUndefined();
  });
});

describe('SMS b and c', () => {
  const done = doneA;
  it('sends b at noon, five days after the first reminder', () => {
    expect(one(plan(5, '12:00', { done }), 'b')).toMatchObject({ state: 'later', dueAt: at(6, '12:00') });
    expect(one(plan(6, '11:59', { done }), 'b')?.state).toBe('later');
    expect(one(plan(6, '12:00', { done }), 'b')).toMatchObject({ state: 'due', variant: 'not-answered.none' });
    expect(one(plan(6, '12:00', { done, firstReminderOn: dayOf(2) }), 'b')).toMatchObject({
      state: 'later',
      dueAt: at(7, '12:00'),
    });
  });
  it('holds b while a promise is open or a claim is checked, and looks again the day after', () => {
    const openPromise = { ...promise, date: dayOf(6) };
    expect(one(plan(6, '12:00', { done, openPromise }), 'b')).toMatchObject({
      state: 'held',
      reason: 'open-promise',
      nextReviewAt: at(7, '09:00'),
    });
    expect(one(plan(6, '12:00', { done, claimChecking: true }), 'b')).toMatchObject({
      state: 'held',
      reason: 'claim-checking',
    });
    expect(one(plan(7, '12:00', { done }), 'b')?.state).toBe('due');
  });
  it('gives b that was undelivered twice to a human, once', () => {
    const lost = { trigger: 'b', insteadOf: null, outcome: 'undelivered', on: dayOf(6) } as const;
    const twice = [...done, lost, { ...lost, on: dayOf(7) }];
    expect(one(plan(7, '13:00', { done: twice }), 'b')).toMatchObject({
      state: 'held',
      reason: 'undelivered',
      handOver: 'sms-task',
      nextReviewAt: at(9, '09:00'),
    });
    expect(one(plan(7, '13:00', { done: [...done, lost] }), 'b')?.handOver).toBeNull();
    expect(one(plan(9, '06:00', { done: twice }), 'b')).toBeUndefined();
  });
  it('drops b for c at DPD 8, and sends c at noon', () => {
    const items = plan(8, '12:00', { done });
    expect(one(items, 'b')).toMatchObject({ state: 'lapsed', reason: 'c-due' });
    expect(one(items, 'c')).toMatchObject({ state: 'due', dueAt: at(8, '12:00'), variant: 'not-answered' });
    expect(one(plan(7, '12:00', { done }), 'c')).toMatchObject({ state: 'later', dueAt: at(8, '12:00') });
    expect(one(plan(6, '12:00', { done }), 'c')).toBeUndefined();
  });
  it('gives c to a human while a promise is open', () => {
    expect(one(plan(8, '12:00', { done, openPromise: { ...promise, date: dayOf(8) } }), 'c')).toMatchObject({
      state: 'held',
      handOver: 'sms-task',
    });
  });
  it('gives c to a human while a claim is checked: the robot will not send it any more', () => {
    expect(one(plan(8, '12:00', { done, claimChecking: true }), 'c')).toMatchObject({
      state: 'held',
      reason: 'claim-checking',
      handOver: 'sms-task',
    });
    expect(one(plan(6, '12:00', { done, claimChecking: true }), 'b')?.handOver).toBeNull();
  });
  it('gives b to a human where somebody else may read it', () => {
    expect(one(plan(6, '12:00', { done, number: { ...calm, doubtful: true } }), 'b')).toMatchObject({
      state: 'lapsed',
      handOver: 'sms-task',
    });
  });
  it('writes no credit notice in grace', () => {
    expect(one(plan(6, '12:00', { done, graceDays: 6 }), 'b')).toMatchObject({
      state: 'held',
      reason: 'content-floor',
    });
    expect(one(plan(6, '12:00', { done, graceDays: 5 }), 'b')?.state).toBe('due');
  });
  it('keeps b for the holdout, and neither a nor c', () => {
    const of = { arm: 'holdout', firstReminderOn: null } as const;
    expect(plan(6, '12:00', of).map((item) => [item.trigger, item.state])).toEqual([['b', 'due']]);
    expect(plan(8, '12:00', of).map((item) => item.trigger)).toEqual(['b']);
  });
  it('sends one unsolicited SMS a day, c before b before a', () => {
    const firstCall = { endedAt: at(6, '10:00'), disposition: 'no-answer' } as const;
    const items = plan(7, '12:00', { firstReminderOn: dayOf(1), firstCall });
    expect([one(items, 'b')?.state, one(items, 'a')]).toMatchObject(['due', { state: 'held', reason: 'after-b' }]);
    expect(one(plan(6, '12:00', { done, unsolicitedToday: 1 }), 'b')).toMatchObject({
      state: 'held',
      reason: 'one-per-day',
      nextReviewAt: at(7, '09:00'),
    });
  });
  it('says nothing to a debtor who paid, is within tolerance or not yet due', () => {
    expect([
      plan(8, '12:00', { unpaid: false }),
      plan(8, '12:00', { withinTolerance: true }),
      plan(0, '12:00'),
    ]).toEqual([[], [], []]);
  });
});

describe('SMS b and c over Lunar New Year (02-16 to 02-19)', () => {
  const noon = (date: string, dueDate: string, of: Partial<SmsInputs> = {}) => {
    const dpd = daysBetween(dueDate, date);
    const firstReminderOn = addDays(dueDate, 1);
    return planSms(strategy, smsInputs(local(date, '12:00'), dpd, { dueDate, firstReminderOn, done: doneA, ...of }));
  };
  it('move to the next allowed day inside the robot’s days', () => {
    expect(one(noon('2026-02-19', '2026-02-13'), 'b')).toMatchObject({
      state: 'later',
      dueAt: local('2026-02-20', '09:00'),
    });
    expect(one(noon('2026-02-20', '2026-02-13'), 'b')?.state).toBe('due');
    expect(one(noon('2026-02-19', '2026-02-13', { firstReminderOn: '2026-02-12' }), 'b')?.state).toBe('later');
  });
  it('are the task of a human where no day is left, told before he gets the account', () => {
    for (const date of ['2026-02-15', '2026-02-16', '2026-02-17'])
      expect(one(noon(date, '2026-02-10'), 'b')).toMatchObject({ state: 'held', handOver: 'sms-task' });
    expect(one(noon('2026-02-14', '2026-02-10'), 'b')).toMatchObject({ state: 'later', handOver: null });
    expect(one(noon('2026-02-17', '2026-02-10'), 'c')).toMatchObject({ state: 'held', handOver: 'sms-task' });
    expect(one(noon('2026-02-20', '2026-02-10'), 'c')).toMatchObject({ state: 'lapsed', handOver: 'sms-task' });
  });
  it('are as ever on other days', () => {
    expect(one(noon('2026-03-11', '2026-03-02'), 'c')).toMatchObject({ state: 'lapsed', handOver: null });
  });
});

describe('SMS q', () => {
  it('sends what was asked for, also beside the unsolicited one', () => {
    const q = one(
      plan(2, '10:00', { asked: [{ content: 'ways', at: at(2, '10:00') }], unsolicitedToday: 1, done: doneA }),
      'q',
    );
    expect(q).toMatchObject({ state: 'due', templateId: 'q.ways', kind: 'conversation' });
  });
  it('of a promise settles a: one SMS, that says all of it', () => {
    const asked = [{ content: 'promise', at: at(1, '14:31') }] as const;
    const firstConversation = { ...spoken, promised: true };
    const both = plan(1, '14:40', { firstConversation, openPromise: promise, asked });
    expect(one(both, 'a')).toMatchObject({ state: 'lapsed', reason: 'said-by-q.promise' });
    expect(one(both, 'q')).toMatchObject({ state: 'due', templateId: 'q.promise' });
    const values = { ...facts().values, date: '11月4日', amount: '100.00元' };
    const said = (id: string) => fillTemplate(strategy, id, facts({ values }));
    for (const part of ['5,000.00元', '500.00元', '100.00元', '11月4日', '11月4日（含）前到账']) {
      expect(said('a.promised')).toMatchObject({ text: expect.stringContaining(part) });
      expect(said('q.promise')).toMatchObject({ text: expect.stringContaining(part) });
    }
  });
  it('that was agreed is sent also when a human has the account', () => {
    const ways = plan(2, '10:00', { asked: [{ content: 'ways', at: at(2, '10:00') }], handedOver: true, done: doneA });
    expect(one(ways, 'q')?.state).toBe('due');
  });
  it('reminds at 10:00 of a promise made two days before, as that day’s SMS', () => {
    expect(one(plan(3, '09:59', { openPromise: promise, done: doneA }), 'q.remind')).toMatchObject({
      state: 'later',
      dueAt: at(3, '10:00'),
    });
    expect(one(plan(3, '10:00', { openPromise: promise, done: doneA }), 'q.remind')?.state).toBe('due');
    expect(one(plan(3, '10:00', { openPromise: promise, done: doneA, unsolicitedToday: 1 }), 'q.remind')?.state).toBe(
      'held',
    );
    expect(
      one(plan(3, '10:00', { openPromise: { ...promise, madeAt: at(2, '10:00') }, done: doneA }), 'q.remind'),
    ).toBeUndefined();
  });
});

const facts = (of: Partial<TemplateFacts> = {}): TemplateFacts => ({
  dpd: 2,
  tier: 'L',
  inGrace: true,
  graceConfirmed: true,
  brokenInEpisode: false,
  rpcInEpisode: false,
  calls: { attempts: 3, answered: false },
  lastLabel: null,
  cardStatus: 'active',
  creditNoticeSent: true,
  values: {
    bank: '示例银行',
    surname: '王',
    salutation: '先生',
    tail: '0017',
    statement: '5,000.00元',
    unpaidMin: '500.00元',
    dueDate: '11月1日',
    graceEnd: '11月4日',
    hotline: '400-000-0000',
  },
  ...of,
});
const text = (id: string, of: Partial<TemplateFacts> = {}) => {
  const filled = fillTemplate(strategy, id, facts(of));
  return filled.ok ? filled.text : filled.reason;
};
const without = (slot: string): Partial<TemplateFacts> => ({ values: { ...facts().values, [slot]: null } });

describe('templates', () => {
  it('fill every slot', () => {
    expect(text('a.missed')).toBe(
      '【示例银行】王先生，今日致电未能与您联系。您尾号0017信用卡本期账单5,000.00元，最低还款额还差500.00元，到期还款日11月1日。11月4日（含）前到账视同按时还款。请在官方App还款，客服400-000-0000。如已还款请忽略，非本人请回复N。',
    );
  });
  it('leave a bracket out whose fact is missing, and refuse without a needed one', () => {
    expect(text('a.missed', without('statement'))).toContain('尾号0017信用卡最低还款额');
    expect(text('a.missed', without('surname'))).toContain('【示例银行】今日致电');
    expect(fillTemplate(strategy, 'a.missed', facts(without('hotline')))).toEqual({
      ok: false,
      reason: 'missing-facts',
      missing: ['hotline'],
    });
  });
  it('speak of grace only when the bank confirmed it and it runs, whatever the tier', () => {
    expect(text('a.missed', { graceConfirmed: false })).not.toContain('视同按时');
    expect(text('a.missed', { inGrace: false, dpd: 4 })).not.toContain('视同按时');
    expect(text('a.missed', { tier: 'H' })).toContain('视同按时');
    expect(text('a.missed', { tier: 'H' })).not.toContain('逾期');
  });
  it('name interest in M and help in H after grace', () => {
    expect(text('a.missed', { tier: 'M', inGrace: false, dpd: 4 })).toContain('已逾期4天，未还部分按合约计息');
    expect(text('a.missed', { tier: 'H', inGrace: false, dpd: 6 })).toContain('如有困难请联系我们协商');
  });
  it('refuse credit wording before DPD 5 and legal wording before DPD 6', () => {
    const past = (dpd: number): Partial<TemplateFacts> => ({ inGrace: false, dpd, tier: 'M' });
    expect([text('b', past(4)), text('c', past(5))]).toEqual(['below-floor', 'below-floor']);
    expect(text('b', past(5))).toContain('征信');
    expect(text('c', past(6))).toContain('依法主张债权');
  });
  it('choose the line about the card and about the past from facts', () => {
    const past: Partial<TemplateFacts> = { inGrace: false, dpd: 6, tier: 'H' };
    expect(text('b', past)).toContain('可能按领用合约暂停');
    expect(text('b', { ...past, values: { ...facts().values, cardActionOn: '11月10日' } })).toContain(
      '如11月10日前未还足',
    );
    expect(text('b', { ...past, cardStatus: 'stopped' })).toContain('该卡已按领用合约暂停使用');
    expect(text('b', past)).toContain('未能与您联系');
    expect(text('b', { ...past, rpcInEpisode: true, brokenInEpisode: true })).toContain('约定的还款尚未到账');
    expect(text('b', { ...past, rpcInEpisode: true, lastLabel: 'refuses' })).toContain('表示暂不还款');
    expect([
      text('c', past).includes('暂停'),
      text('c', { ...past, creditNoticeSent: false }).includes('暂停'),
    ]).toEqual([false, true]);
  });
  it('stay within three parts with the longest values', () => {
    for (const id of Object.keys(strategy.templates.templates))
      expect(longestLength(strategy, id).length).toBeLessThanOrEqual(201);
  });
  it('are refused with more parts than the length allows, where a name takes two units a character', () => {
    const values = { ...facts().values, surname: '😀'.repeat(1) };
    const padded = (n: number) =>
      fillTemplate(strategy, 'a.missed', { ...facts(), values: { ...values, bank: '汉'.repeat(n) } });
    const results = Array.from({ length: 120 }, (_, n) => padded(n));
    for (const one of results) if (one.ok) expect(one.segments).toBeLessThanOrEqual(3);
    expect(results.some((one) => !one.ok && one.reason === 'too-long')).toBe(true);
  });
  it('count parts as the network does', () => {
    expect(
      [
        segmentsOf('好'.repeat(70)),
        segmentsOf('好'.repeat(71)),
        segmentsOf('好'.repeat(201)),
        segmentsOf('好'.repeat(202)),
      ].map((one) => one.segments),
    ).toEqual([1, 2, 3, 4]);
    expect(
      [segmentsOf('a'.repeat(160)), segmentsOf('a'.repeat(161)), segmentsOf('€'.repeat(81))].map((one) => one.segments),
    ).toEqual([1, 2, 2]);
    expect([segmentsOf('a').encoding, segmentsOf('好').encoding]).toEqual(['GSM7', 'UCS2']);
  });
});

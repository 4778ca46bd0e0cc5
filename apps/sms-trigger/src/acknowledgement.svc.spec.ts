import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CASE, DEBTOR, local, PHONE, SECOND_PHONE } from './testing/facts.js';
import { SmsWorld } from './testing/sms-world.fixture.js';

const REPLY = 'sms/1/0/77';
const AT = local(1, '20:44');

let world: SmsWorld;
beforeEach(async () => {
  world = await SmsWorld.of();
  await world.open();
  await world.call(local(1, '14:30'));
  await world.runUntil(local(1, '20:40'));
});
afterEach(() => world.stop());

const answer = async (text: string, at = AT, smsId = world.smsc.submissions[0]!.smsId) => {
  await world.runUntil(at);
  await world.hear({ kind: 'reply', replyId: null, smsId, debtorId: DEBTOR, at, text });
};
const barred = (at = AT, evidence = REPLY) =>
  world.tell(at, 'guard', 'NumberBarred', { phoneRef: PHONE, everywhere: false, evidence });
const stopOfT = { stopId: 't', kind: 'stop-asked', scope: 'debtor', accountId: null, phoneRef: null, until: null };
const stopped = (at = AT, evidence = REPLY) =>
  world.tell(at, 'guard', 'StopPlaced', { ...stopOfT, channels: ['sms'], evidence });
const acks = () => world.smsc.submissions.filter(({ trigger }) => trigger === 'ack');
const lapses = () =>
  world.events.filter(({ type, data }) => type === 'SmsLapsed' && (data as { trigger: string }).trigger === 'ack');

describe('a reply N or T', () => {
  it.each([
    ['N', barred, '【某某银行】已收到您的回复，我们将不再就此事联系本号码，抱歉打扰。'],
    ['T', stopped, '【某某银行】已收到您的回复，我们将不再向您发送此类短信。'],
  ] as const)('%s is acknowledged within the minute, to its number, by the event of it', async (text, stop, says) => {
    await answer(text);
    await stop();
    await world.runUntil(local(1, '20:45'));
    expect(acks()).toMatchObject([{ text: says, segments: 1, phoneIndex: 0 }]);
    expect(acks()[0]!.at <= local(1, '20:45')).toBe(true);
    const { context, ...asked } = world.requests.at(-1)!;
    expect(asked).toMatchObject({ phoneRef: PHONE, solicitedBy: REPLY, channel: 'sms' });
    expect(context).toMatchObject({ stage: 'sms.ack', caseId: CASE });
    expect(says).not.toMatch(/还款|逾期|信用卡|账单|欠|王/);
  });
  it('is drafted when its instant is over: what else follows from it may be heard first or last', async () => {
    await answer('N');
    await barred();
    await world.runUntil(AT);
    const drafts = () => world.events.filter(({ type }) => type === 'SmsDrafted').length;
    const before = drafts();
    expect(world.requests.filter(({ context }) => context.stage === 'sms.ack')).toEqual([]);
    await world.runUntil(local(1, '20:45'));
    expect(drafts()).toBe(before + 1);
  });
  it('is not acknowledged before the guard has stopped by it, nor by a stop of another source', async () => {
    await answer('N');
    await barred(AT, 'dialer/1/0/3');
    await world.runUntil(local(1, '21:30'));
    expect(acks()).toEqual([]);
    await world.runUntil(local(2, '20:00'));
    await world.call(local(2, '20:01'));
    await world.runUntil(local(2, '20:30'));
    expect(lapses().map(({ data }) => data)).toMatchObject([{ reason: 'too-late', caseId: CASE }]);
  });
  it('is acknowledged once, however often it is said, told again, or the process restarts', async () => {
    await answer('N');
    await barred();
    await world.runUntil(local(1, '20:46'));
    await answer('N', AT);
    await answer('N', local(1, '20:47'));
    await answer('非本人', local(1, '20:48'), acks()[0]!.smsId);
    await barred(local(1, '20:49'), 'sms/1/0/78');
    await world.restart();
    await barred(local(1, '20:50'), 'sms/1/0/79');
    await answer('N', local(2, '10:00'));
    await barred(local(2, '10:00'), 'sms/1/0/80');
    await world.runUntil(local(2, '12:00'));
    expect(acks()).toHaveLength(1);
    expect(world.requests.filter(({ context }) => context.stage === 'sms.ack')).toHaveLength(1);
  });
  it('is not acknowledged a second time when the process falls between submit and answer', async () => {
    await answer('T');
    world.smsc.answer = () => world.kill();
    await stopped();
    await world.runUntil(local(1, '20:46'));
    await world.restart();
    await world.runUntil(local(2, '12:00'));
    expect(acks()).toHaveLength(1);
    expect(world.last('SmsUnknown')).toMatchObject({ trigger: 'ack' });
  });
  it('lapses with its reason when the guard denies it, as outside its hours, and is never asked for again', async () => {
    world.verdict = async () => ({ result: 'denied', deniedBy: ['CN-HOURS'], retryNotBefore: local(2, '08:00') });
    await answer('T', local(1, '22:10'));
    await stopped(local(1, '22:10'));
    await world.runUntil(local(1, '22:20'));
    world.verdict = (request) => world.allowed(request);
    await world.runUntil(local(3, '12:00'));
    expect(acks()).toEqual([]);
    expect(lapses().map(({ data }) => data)).toMatchObject([{ reason: 'denied: CN-HOURS', caseId: CASE }]);
  });
  it('lapses when it cannot go out now', async () => {
    world.verdict = () => Promise.reject(new Error('away'));
    await answer('T');
    await stopped();
    await world.runUntil(local(1, '20:50'));
    world.verdict = (request) => world.allowed(request);
    await world.runUntil(local(2, '12:00'));
    expect(acks()).toEqual([]);
    expect(lapses()).toMatchObject([{ data: { reason: 'guard-unreachable' } }]);
  });
  it.each(['1', '2', '好的', '不要再发短信了'])('%s is not acknowledged', async (text) => {
    await answer(text);
    await stopped();
    await barred();
    await world.runUntil(local(1, '21:30'));
    expect(acks()).toEqual([]);
  });
  it('takes no trigger’s place: b goes on to the other number after N', async () => {
    await answer('N');
    await barred();
    await world.runUntil(local(6, '12:00'));
    expect(world.sent().map(([trigger]) => trigger)).toEqual(['a', 'ack', 'b']);
    expect(world.requests.at(-1)!.phoneRef).toBe(SECOND_PHONE);
  });
});

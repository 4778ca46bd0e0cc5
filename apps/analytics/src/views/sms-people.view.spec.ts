import { describe, expect, it } from '@jest/globals';
import { schemaOf } from '@mora/contracts';
import { countOf } from '../figures/counters.js';
import { placeIn } from '../projection/place.js';
import { type CreditNoticeRow, creditNoticesView, needsLetter } from './credit-notices.view.js';
import { smsView } from './sms.view.js';
import { smsRepliesView } from './sms-replies.view.js';

const place = placeIn('Asia/Shanghai');
const at = '2026-11-07T04:00:00.000Z';
const context = {
  caseId: 'case-1',
  accountId: 'account-1',
  treatmentId: 'case-1',
  businessDate: '2026-11-07',
  dpd: 6,
  tier: 'H',
  term: 'long',
  stage: 'sms.b',
  experimentId: 'e',
  arm: 'champion',
  strategyHash: 's',
  channel: 'sms',
  ordinalInEpisode: 1,
  ordinalToday: 1,
};
const ref = { smsId: 'sms-1', contactId: 'sms-1', debtorId: 'debtor-1' };
const of = (trigger: string) => ({ ...ref, context, trigger });

type AnyView = Pick<typeof smsView, 'keysOf' | 'evolve'>;
const event = (type: string, data: object) => {
  schemaOf('sms', type)!.parse(data);
  return {
    id: 'i',
    type,
    source: 'sms',
    epoch: 1,
    shard: 0,
    position: 1,
    data,
    meta: { at, simulated: null },
  } as never;
};
const rowsOf = (view: AnyView, ...events: readonly (readonly [type: string, data: object])[]) => {
  const rows = new Map<string, unknown>();
  for (const [type, data] of events)
    for (const key of view.keysOf(event(type, data), place))
      rows.set(String(key[0]), view.evolve((rows.get(String(key[0])) ?? null) as never, event(type, data), key, place));
  return [...rows.values()];
};

const submitted = [
  'SmsSubmitted',
  { ...of('b'), providerIds: ['p'], submittedAt: at, segments: 1, costUnits: 1 },
] as const;
const lost = ['SmsUndelivered', { ...of('b'), receiptAt: at, providerId: 'p', error: 'EXPIRED' }] as const;
const arrived = ['SmsDelivered', { ...of('b'), receiptAt: at, providerId: 'p', undeliveredAt: at }] as const;
const notice = ['CreditNoticeDelivered', { ...ref, caseId: 'case-1', receiptAt: at }] as const;

describe('an SMS that arrived after it was reported lost', () => {
  it('is delivered, without the error', () => {
    expect(rowsOf(smsView, submitted, lost, arrived)).toMatchObject([{ receipt: 'delivered', error: null }]);
  });
  it('is counted as delivered and no more as lost', () => {
    expect(countOf(event(...arrived))?.add).toEqual({ sms_delivered: 1, sms_undelivered: -1 });
    const { undeliveredAt: _at, ...plain } = arrived[1];
    expect(countOf(event('SmsDelivered', plain))?.add).toEqual({ sms_delivered: 1 });
  });
});

describe('credit notices', () => {
  const letter = (...events: Parameters<typeof rowsOf> extends [unknown, ...infer E] ? E : never) =>
    (rowsOf(creditNoticesView as never, ...events) as readonly CreditNoticeRow[]).map(needsLetter);
  it('need a letter while they are known not to have arrived', () => {
    expect(letter(submitted)).toEqual([false]);
    expect(letter(submitted, lost)).toEqual([true]);
    expect(letter(submitted, lost, notice)).toEqual([false]);
  });
  it('need one where the robot left them to a human, and not where they only wait', () => {
    const held = { debtorId: 'debtor-1', caseId: 'case-1', trigger: 'b', reason: 'x', nextReviewAt: null };
    expect(letter(['SmsHeld', held])).toEqual([]);
    expect(letter(['SmsHeld', { ...held, handOver: 'sms-task' }])).toEqual([true]);
  });
  it('are none of other SMS', () => {
    expect(letter(['SmsUndelivered', { ...lost[1], trigger: 'a' }])).toEqual([]);
  });
});

describe('answers to SMS', () => {
  it('stand with what they stop and whether a human reads them, also those of unknown numbers', () => {
    const reply = { ...ref, reply: 'other', text: null, phoneRef: 'phone-ref-1', at, context };
    const stops = [{ kind: 'complaint', scope: 'debtor', channels: ['call', 'sms'] }];
    const rows = rowsOf(
      smsRepliesView as never,
      ['SmsReplied', { ...reply, stops, handOver: null, forHuman: true, doubtful: false }],
      [
        'SmsReplyUnmatched',
        { replyId: 'r', smsId: null, debtorId: null, reply: 'N', stops: [], at, why: 'unknown-sms' },
      ],
    );
    expect(rows).toMatchObject([
      { case_id: 'case-1', reply: 'other', stops: 'complaint', for_human: true, unmatched: null },
      { reply_id: 'r', debtor_id: null, reply: 'N', for_human: true, unmatched: 'unknown-sms' },
    ]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from '../talk/conversation.js';
import { bareFacts, type DialogueFacts, dialogueFacts } from './facts.js';

const FOLDER = join(import.meta.dirname, '../../../../strategies/cn-early-delinquency/scripts');

/** The shipped scripts, file name → text. */
export const shippedFiles: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]),
);

export const YUAN = { before: '', unit: '元', decimals: 2 } as const;

/** The floors of the shipped strategy. */
const floorsOf = ({ dpd = 1, inGrace = false }: Partial<DialogueFacts>): DialogueFacts['mayTell'] => ({
  interest: !inGrace,
  fee: !inGrace,
  benefits: !inGrace,
  credit: !inGrace && dpd >= 5,
  legal: !inGrace && dpd >= 6,
});

/** A plain account in L: due yesterday, 1,234.50 short, limit in three days. */
export const someFacts = (changes: Partial<DialogueFacts> = {}): DialogueFacts =>
  dialogueFacts.parse({
    ...bareFacts,
    bank: '示例银行',
    tier: 'L',
    term: 'short',
    callDate: '2026-11-02',
    tail: '1234',
    currency: 'CNY',
    callbackHours: { from: '08:00', to: '21:50', until: '2026-11-09', notOn: [] },
    money: YUAN,
    leastPromise: 12_345,
    mayTell: floorsOf(changes),
    unpaidMin: 123_450,
    dueDate: '2026-11-01',
    dpd: 1,
    limitDate: '2026-11-05',
    promised: { amount: 50_000, date: '2026-11-01' },
    ...changes,
  });

/** Everything the bank can tell, as on day 8. */
export const fullFacts = someFacts({
  bank: '某某商业银行信用卡中心',
  tier: 'H',
  term: 'long',
  callDate: '2026-11-09',
  dpd: 8,
  limitDate: '2026-11-10',
  hotline: '4008888888',
  statement: 98_765_432_10,
  paid: 12_345_67,
  interest: 123_456,
  lateFee: 78_910,
  feesAsOf: '2026-11-08',
  bureauReportOn: '2026-11-28',
  benefits: '积分、分期和机场贵宾厅权益',
  offers: '三期、六期或十二期分期',
  history: 'broken',
  lastConversationOn: '2026-11-07',
  partPaid: 12_345_67,
  humanSlot: '2026-11-10T02:30:00.000Z',
  unpaidMin: 9_876_543_21,
  others: ['1111', '2222', '3333'].map((tail) => ({ tail, amount: 987_654_32, currency: 'CNY', money: YUAN })),
});

export const heard = (intent: string, slots: Extract<Input, { kind: 'heard' }>['slots'] = {}): Input => ({
  kind: 'heard',
  intent,
  confidence: 0.9,
  slots,
});

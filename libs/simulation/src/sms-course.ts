import { draws } from './draws.js';
import { personaOf } from './persona.js';

export interface SmsPlaced {
  readonly seed: number | string;
  readonly debtorId: string;
  /** Real submits to this debtor up to this one, from 1. */
  readonly ordinal: number;
  readonly phoneIndex: number;
}

/** What the SMSC reports of one SMS. */
export interface SmsCourse {
  readonly delivered: boolean;
  readonly receiptAfterSeconds: number;
  /** Null when delivered. */
  readonly error: string | null;
  /** `N` wrong person, `T` no SMS, `1` claims paid, `2` asks for a human, or free text. */
  readonly reply: { readonly text: string; readonly afterSeconds: number } | null;
}

/** People answer with the keyboard that they have. */
const STRANGERS = { N: 0.7, Ｎ: 0.1, 'n。': 0.1, 打错了: 0.1 };
const DEBTORS = {
  T: 0.12,
  ' t': 0.03,
  退订: 0.03,
  '1': 0.24,
  '１': 0.04,
  昨天已经还了: 0.04,
  '2': 0.2,
  '２。': 0.04,
  好的: 0.12,
  什么时候到期: 0.08,
  不要再发短信了: 0.03,
  我要投诉: 0.02,
  没钱还: 0.01,
};

/** The fate of one SMS, a function of its inputs alone. */
export const smsCourse = ({ seed, debtorId, ordinal, phoneIndex }: SmsPlaced): SmsCourse => {
  const persona = personaOf(seed, debtorId);
  const d = draws(seed, 'sms', debtorId, ordinal);
  const nature = persona.phones[Math.min(phoneIndex, persona.phones.length - 1)] ?? 'own';
  const receiptAfterSeconds = 30 * d.between(1, 6);
  if (nature === 'invalid') return { delivered: false, receiptAfterSeconds, error: 'UNDELIV', reply: null };
  if (nature === 'suspended') return { delivered: false, receiptAfterSeconds: 3_600, error: 'EXPIRED', reply: null };
  if (d.chance(0.02)) return { delivered: false, receiptAfterSeconds: 3_600, error: 'EXPIRED', reply: null };
  const replyChance = nature === 'stranger' ? 0.3 : 0.02;
  if (!d.chance(replyChance)) return { delivered: true, receiptAfterSeconds, error: null, reply: null };
  const text = nature === 'stranger' ? d.weighted(STRANGERS) : d.weighted(DEBTORS);
  const afterSeconds = receiptAfterSeconds + 30 * d.between(2, 40);
  return { delivered: true, receiptAfterSeconds, error: null, reply: { text, afterSeconds } };
};

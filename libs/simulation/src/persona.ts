import { draws } from './draws.js';

export type PhoneNature = 'own' | 'family' | 'stranger' | 'invalid' | 'suspended' | 'barred-incoming' | 'assistant';

/** Attitude towards this debt; it steers what is said, not whether the phone is picked up. */
export type Temperament =
  | 'forgetful'
  | 'willing'
  | 'putting-off'
  | 'hesitant'
  | 'unable'
  | 'unwilling'
  | 'disputing'
  | 'claims-paid';

/** One invented debtor: a function of (seed, debtorId) alone. */
export interface Persona {
  readonly seed: number | string;
  readonly debtorId: string;
  readonly temperament: Temperament;
  /** When the phone is near: `office` answers late, `home` at any hour. */
  readonly rhythm: 'office' | 'home' | 'evening' | 'shift';
  /** Chance to pick up at a good hour. */
  readonly pickUp: number;
  /** Nature of each number in the bank's order; a further index repeats the last. */
  readonly phones: readonly PhoneNature[];
  /** Pays unasked on this day past due; null: never. */
  readonly paysAloneOnDpd: number | null;
  readonly promise: 'keeps' | 'late' | 'partly' | 'breaks';
  /** Chance that a conversation without a promise, and that one SMS, brings a payment. */
  readonly movedByTalk: number;
  readonly movedBySms: number;
  readonly amount: 'minimum' | 'rounded-down' | 'full' | 'half';
  /** The first payment is taken back a day or two later. */
  readonly reverses: boolean;
  /** A claim to have paid is true. */
  readonly claimIsTrue: boolean;
  readonly busyNow: number;
  readonly hangsUp: number;
  /** Once in the episode, at a conversation drawn for it: complaint, stop request, wish for a human … */
  readonly outburst: 'complaint' | 'stop' | 'human' | 'fraud' | 'distress' | 'deceased' | 'recording' | null;
}

const phoneOf = (seed: number | string, debtorId: string, index: number): PhoneNature =>
  draws(seed, 'phone', debtorId, index).weighted(
    index === 0
      ? {
          own: 0.895,
          family: 0.03,
          stranger: 0.02,
          invalid: 0.015,
          suspended: 0.012,
          'barred-incoming': 0.004,
          assistant: 0.02,
        }
      : {
          own: 0.72,
          family: 0.1,
          stranger: 0.06,
          invalid: 0.05,
          suspended: 0.03,
          'barred-incoming': 0.01,
          assistant: 0.03,
        },
  );

/** How many numbers of one debtor have a nature of their own. */
const PHONES = 3;

const paysAlone = (willingness: number, chance: number, spread: number): number | null => {
  if (chance >= willingness) return null;
  // Most of those who would pay unasked do so in the first days.
  return 1 + Math.floor(8 * spread ** 1.7);
};

const selfCure: Readonly<Record<Temperament, number>> = {
  forgetful: 0.34,
  willing: 0.36,
  'putting-off': 0.26,
  hesitant: 0.16,
  unable: 0.04,
  unwilling: 0.05,
  disputing: 0.04,
  'claims-paid': 0.15,
};

const promiseOf: Readonly<Record<Temperament, Readonly<Record<Persona['promise'], number>>>> = {
  forgetful: { keeps: 0.82, late: 0.07, partly: 0.04, breaks: 0.07 },
  willing: { keeps: 0.71, late: 0.1, partly: 0.08, breaks: 0.11 },
  'putting-off': { keeps: 0.5, late: 0.18, partly: 0.1, breaks: 0.22 },
  hesitant: { keeps: 0.4, late: 0.15, partly: 0.2, breaks: 0.25 },
  unable: { keeps: 0.12, late: 0.08, partly: 0.35, breaks: 0.45 },
  unwilling: { keeps: 0.2, late: 0.1, partly: 0.1, breaks: 0.6 },
  disputing: { keeps: 0.3, late: 0.1, partly: 0.1, breaks: 0.5 },
  'claims-paid': { keeps: 0.5, late: 0.1, partly: 0.1, breaks: 0.3 },
};

const moved: Readonly<Record<Temperament, readonly [talk: number, sms: number]>> = {
  forgetful: [0.4, 0.14],
  willing: [0.33, 0.12],
  'putting-off': [0.2, 0.08],
  hesitant: [0.16, 0.06],
  unable: [0.03, 0.01],
  unwilling: [0.05, 0.02],
  disputing: [0.03, 0.01],
  'claims-paid': [0.05, 0.03],
};

/** The debtor that this seed invents for this id. */
export const personaOf = (seed: number | string, debtorId: string): Persona => {
  const d = draws(seed, 'persona', debtorId);
  const temperament = d.weighted<Temperament>({
    forgetful: 0.24,
    willing: 0.28,
    'putting-off': 0.18,
    hesitant: 0.12,
    unable: 0.07,
    unwilling: 0.06,
    disputing: 0.015,
    'claims-paid': 0.035,
  });
  const rhythm = d.weighted<Persona['rhythm']>({ office: 0.45, home: 0.2, evening: 0.25, shift: 0.1 });
  const pickUp = 0.22 + 0.68 * d.next();
  const paysAloneOnDpd = paysAlone(selfCure[temperament], d.next(), d.next());
  const promise = d.weighted(promiseOf[temperament]);
  const amount = d.weighted<Persona['amount']>({ minimum: 0.58, 'rounded-down': 0.05, full: 0.3, half: 0.07 });
  const reverses = d.chance(0.012);
  const claimIsTrue = d.chance(0.7);
  const busyNow = d.chance(0.3) ? 0.2 : 0.04;
  const hangsUp = temperament === 'unwilling' ? 0.14 : 0.04;
  const outburst = d.chance(0.02)
    ? d.weighted<NonNullable<Persona['outburst']>>({
        complaint: 0.22,
        stop: 0.24,
        human: 0.3,
        fraud: 0.16,
        distress: 0.01,
        deceased: 0.03,
        recording: 0.04,
      })
    : null;
  const [movedByTalk, movedBySms] = moved[temperament];
  return {
    seed,
    debtorId,
    temperament,
    rhythm,
    pickUp,
    phones: Array.from({ length: PHONES }, (_, index) => phoneOf(seed, debtorId, index)),
    paysAloneOnDpd,
    promise,
    movedByTalk,
    movedBySms,
    amount,
    reverses,
    claimIsTrue,
    busyNow,
    hangsUp,
    outburst,
  };
};

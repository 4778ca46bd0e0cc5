import type { Draws } from './draws.js';
import type { Persona, Temperament } from './persona.js';

/** What a debtor is about to say on paying, in this call. */
export type Stance =
  | 'today'
  | 'tomorrow'
  | 'date'
  | 'late-date'
  | 'forgot'
  | 'autopay'
  | 'part'
  | 'vague'
  | 'defers'
  | 'weak'
  | 'refuses'
  | 'cannot'
  | 'paid'
  | 'dispute'
  | 'stolen';

type Weights = Partial<Readonly<Record<Stance, number>>>;

const weights: Readonly<Record<Temperament, Weights>> = {
  forgetful: { today: 0.3, tomorrow: 0.2, date: 0.12, forgot: 0.25, autopay: 0.06, vague: 0.07 },
  willing: {
    today: 0.32,
    tomorrow: 0.2,
    date: 0.2,
    'late-date': 0.08,
    part: 0.06,
    vague: 0.08,
    autopay: 0.03,
    forgot: 0.03,
  },
  'putting-off': { date: 0.2, 'late-date': 0.2, defers: 0.28, vague: 0.22, tomorrow: 0.1 },
  hesitant: { weak: 0.34, vague: 0.24, part: 0.16, defers: 0.12, date: 0.14 },
  unable: { cannot: 0.55, part: 0.2, weak: 0.15, defers: 0.1 },
  unwilling: { refuses: 0.6, weak: 0.15, vague: 0.15, defers: 0.1 },
  disputing: { dispute: 0.6, stolen: 0.15, refuses: 0.15, vague: 0.1 },
  'claims-paid': { paid: 0.7, today: 0.15, vague: 0.15 },
};

export const stanceOf = (persona: Persona, d: Draws): Stance =>
  d.weighted<Stance>(weights[persona.temperament] as Readonly<Record<Stance, number>>);

/** Chance that one argument moves this stance to a date within the limit. */
export const softens: Partial<Readonly<Record<Stance, number>>> = {
  'late-date': 0.45,
  vague: 0.3,
  defers: 0.28,
  weak: 0.26,
  refuses: 0.1,
  cannot: 0.08,
};

/** Intents that say a stance, best first; the first that the script understands is said. */
export const wordsFor: Readonly<Record<Stance, readonly string[]>> = {
  today: ['today', 'promises', 'yes', 'date', 'pays'],
  tomorrow: ['tomorrow', 'date', 'promises', 'yes', 'today', 'pays'],
  date: ['date', 'promises', 'tomorrow', 'yes', 'today', 'pays'],
  'late-date': ['date', 'defers', 'vague', 'no'],
  forgot: ['forgot', 'today', 'yes', 'date'],
  autopay: ['G-autopay', 'today', 'yes', 'date'],
  part: ['part', 'amount', 'weak', 'no'],
  vague: ['vague', 'later', 'weak', 'no'],
  defers: ['defers', 'later', 'vague', 'no'],
  weak: ['weak', 'vague', 'no'],
  refuses: ['refuses', 'no'],
  cannot: ['cannot', 'difficulty', 'hard', 'short-of-cash', 'G-hardship', 'no'],
  paid: ['already-paid', 'G-paid', 'no'],
  dispute: ['doubt', 'G-dispute', 'no'],
  stolen: ['used-by-others', 'G-dispute-fraud', 'G-dispute', 'no'],
};

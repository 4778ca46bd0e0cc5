import { draws } from './draws.js';
import { type Persona, type PhoneNature, personaOf } from './persona.js';
import type { Answerer, CallCourse } from './talk.js';

/** What a call is known by: nothing of the order in which calls arrive, nothing of the machine. */
export interface CallPlaced {
  readonly seed: number | string;
  readonly debtorId: string;
  /** Real originations of this debtor up to this one, from 1. */
  readonly ordinal: number;
  /** Business instant of the INVITE. */
  readonly at: string;
  /** Place of the number in the bank's order, from 0. */
  readonly phoneIndex: number;
}

const SHANGHAI_OFFSET_HOURS = 8;
/** Rings of a call that nobody answers: longer than any gateway's ring limit. */
const UNANSWERED_RING_SECONDS = 60;

/** Factor on the chance to pick up, by hour of the day in Shanghai (no daylight saving since 1991). */
const nearPhone: Readonly<Record<Persona['rhythm'], (hour: number) => number>> = {
  office: (hour) => (hour < 9 ? 0.5 : hour < 12 ? 0.55 : hour < 14 ? 0.9 : hour < 18 ? 0.55 : 0.95),
  home: (hour) => (hour < 9 ? 0.5 : hour < 13 ? 0.95 : hour < 15 ? 0.6 : 0.9),
  evening: (hour) => (hour < 12 ? 0.35 : hour < 18 ? 0.6 : 1),
  shift: (hour) => (hour < 12 ? 0.3 : hour < 17 ? 0.8 : 0.6),
};

const refused = (
  sipCode: number,
  announcement: string | null,
  ringSeconds = 0,
  q850: number | null = null,
): CallCourse => ({
  postDialSeconds: ringSeconds > 0 ? 3 : 4,
  ringSeconds,
  sipCode,
  q850,
  announcement,
  answered: false,
  amd: null,
  who: null,
});

const deadNumber: Partial<Readonly<Record<PhoneNature, CallCourse>>> = {
  invalid: refused(404, '空号', 0, 1),
  suspended: refused(480, '停机', 0, 20),
  'barred-incoming': refused(480, '呼入限制', 0, 21),
};

/** The course of one call to one number of a debtor: how long it rings, whether and by whom it is answered. */
export const answerCall = (call: CallPlaced): CallCourse => {
  const persona = personaOf(call.seed, call.debtorId);
  const d = draws(call.seed, 'call', call.debtorId, call.ordinal);
  if (d.chance(0.002)) return refused(503, null, 0, 38);
  if (d.chance(0.0015)) return refused(603, '运营商拦截', 0, 21);
  const nature = persona.phones[Math.min(call.phoneIndex, persona.phones.length - 1)] ?? 'own';
  const dead = deadNumber[nature];
  if (dead) return dead;
  const state = d.weighted({ on: 0.885, off: 0.055, away: 0.035, busy: 0.025 });
  if (state === 'off') return refused(480, '关机', 0, 20);
  if (state === 'away') return refused(480, d.chance(0.5) ? '不在服务区' : '暂时无法接通', 0, 20);
  if (state === 'busy') return refused(486, '被叫忙', d.between(10, 14), 17);
  const ringSeconds = d.between(4, 28);
  const hour = (Number(call.at.slice(11, 13)) + SHANGHAI_OFFSET_HOURS) % 24;
  const picksUp = nature === 'own' ? persona.pickUp * nearPhone[persona.rhythm](hour) : 0.45;
  const answers = nature === 'assistant' ? d.next() < 0.75 : d.next() < picksUp;
  if (answers) return answered(whoAnswers(nature, d.next()), ringSeconds, d.next());
  if (d.chance(0.09)) return refused(603, '拒接', d.between(3, 9), 21);
  if (d.chance(0.02)) return answered('machine', 25, d.next());
  return refused(480, null, UNANSWERED_RING_SECONDS, 19);
};

const whoAnswers = (nature: PhoneNature, draw: number): Answerer => {
  if (nature === 'assistant') return 'machine';
  if (nature === 'stranger') return 'stranger';
  if (nature === 'family') return draw < 0.25 ? 'debtor' : 'third-party';
  return draw < 0.965 ? 'debtor' : 'third-party';
};

const answered = (who: Answerer, ringSeconds: number, draw: number): CallCourse => {
  const machine = who === 'machine';
  const doubt = draw < 0.02;
  return {
    postDialSeconds: 3,
    ringSeconds,
    sipCode: 200,
    q850: 16,
    announcement: null,
    answered: true,
    amd: { result: doubt ? 'doubt' : machine ? 'machine' : 'person', confidence: doubt ? 0.5 : 0.9 + draw / 10 },
    who,
  };
};

/** The figures of the dashboard, each with what it was divided of, its words and its age. Pure composition over `FigureReads`. */
import type { Counter } from './counters.js';
import { base, type Definition } from './definitions.js';
import {
  type CohortCounts,
  type CutName,
  type DrawnCounts,
  type FigureReads,
  isDayCut,
  type Question,
} from './reads.js';
import { differenceInterval, proportionOf } from './statistics.js';

export interface Figure {
  /** Persisted id, `connect_rate`. */
  readonly id: string;
  /** Chinese name as the dashboard shows it. */
  readonly name: string;
  /** Value of the cut; null: the whole. */
  readonly cut: string | null;
  readonly unit: 'count' | 'rate' | 'money' | 'ms' | 'per-10000';
  /** Null: there is nothing to divide by, or `note` says why there is no number. */
  readonly value: number | null;
  readonly numerator: number;
  /** Null: not a quotient. */
  readonly denominator: number | null;
  readonly currency: string | null;
  /** The denominator is below 30: shown grey with its counts. */
  readonly few: boolean;
  readonly note: string | null;
  /** 95 % interval of a difference. */
  readonly interval: readonly [number, number] | null;
  readonly definition: string;
}

export interface Figures {
  readonly period: Question['period'];
  readonly cutBy: CutName | null;
  readonly simulated: boolean;
  /** Business time up to which facts are in. */
  readonly asOf: string;
  readonly figures: readonly Figure[];
  readonly denials: readonly {
    readonly rule: string;
    readonly channel: string;
    readonly denied: number;
    readonly onlyThisRule: number;
  }[];
  readonly cohorts: readonly CohortCounts[];
}

export const FEW = 30;

const figure = (
  definition: Definition,
  cut: string | null,
  rest: Partial<Figure> & { readonly numerator: number },
): Figure => ({
  ...definition,
  cut,
  unit: 'count',
  value: rest.numerator,
  denominator: null,
  currency: null,
  few: false,
  note: null,
  interval: null,
  ...rest,
});
const rate = (
  definition: Definition,
  cut: string | null,
  numerator: number,
  denominator: number,
  rest: Partial<Figure> = {},
) =>
  figure(definition, cut, {
    unit: 'rate',
    numerator,
    denominator,
    value: denominator === 0 ? null : numerator / denominator,
    few: denominator < FEW,
    ...rest,
  });

/** Cuts in which an origination is not known by the fact that says so; the call's end says it. */
const KNOWN_AT_END = new Set<CutName>(['voice', 'script', 'detail']);

/**
 * @param question a cut by anything but day, tier, term or arm leaves out the figures of debtors and accounts.
 * @param asOf business time up to which facts are in; its local day is `today`.
 */
export const figuresOf = async (
  reads: FigureReads,
  question: Question,
  now: { readonly asOf: string; readonly today: string },
): Promise<Figures> => {
  const [calls, people, promises, sms, cohorts, denials] = await Promise.all([
    callFigures(reads, question),
    peopleFigures(reads, question),
    promiseFigures(reads, question),
    smsFigures(reads, question),
    reads.cohorts(question, now.today),
    reads.denials(question),
  ]);
  const whole = question.cut === null ? [...(await complaintFigures(reads, question)), ...cohortFigures(cohorts)] : [];
  const figures = [...people, ...calls, ...promises, ...sms, ...whole];
  return {
    period: question.period,
    cutBy: question.cut,
    simulated: question.simulated,
    asOf: now.asOf,
    figures,
    denials,
    cohorts,
  };
};

const cutOf = (question: Question, value: string): string | null => (question.cut === null ? null : value);

const callFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const [parts, medians] = await Promise.all([reads.counters(question), reads.talk(question)]);
  const sums = new Map<string, Record<string, number>>();
  for (const part of parts) {
    const sum = sums.get(part.cut) ?? {};
    for (const [name, n] of Object.entries(part.sums)) sum[name] = (sum[name] ?? 0) + n;
    sums.set(part.cut, sum);
  }
  if (question.cut === null && sums.size === 0) sums.set('', {});
  return [...sums].flatMap(([value, sum]) => {
    const of = (name: Counter): number => sum[name] ?? 0;
    const cut = cutOf(question, value);
    const atEnd = question.cut !== null && KNOWN_AT_END.has(question.cut);
    const dialed = of(atEnd ? 'ended' : 'dialed') - of('trunk_faults');
    const median = medians.find((talk) => talk.cut === value)?.medianMs ?? null;
    const conversations = of('conversations');
    return [
      figure(base('dialed'), cut, { numerator: dialed, ...(atEnd ? { note: 'counted when ended' } : {}) }),
      figure(base('faults'), cut, { numerator: of('trunk_faults') }),
      rate(base('connect'), cut, of('connected'), dialed),
      rate(base('connectPerson'), cut, of('connected_person'), dialed),
      figure(base('talk'), cut, { unit: 'ms', numerator: of('talk_ms') }),
      rate(base('talkMean'), cut, of('talk_ms'), conversations, { unit: 'ms' }),
      figure(base('talkMedian'), cut, {
        unit: 'ms',
        numerator: median ?? 0,
        value: median,
        denominator: conversations,
        few: conversations < FEW,
      }),
      rate(base('unclear'), cut, of('unclear_turns'), of('unclear_turns') + of('understood_turns')),
      rate(base('personal'), cut, of('rpc_personalised'), of('rpc')),
      figure(base('unknown'), cut, { numerator: of('unknown_outcomes') }),
      figure(base('permitted'), cut, { numerator: of('permitted') }),
      figure(base('denied'), cut, { numerator: of('denied') }),
      figure(base('released'), cut, { numerator: of('released') }),
      figure(base('handOvers'), cut, { numerator: of('hand_overs') }),
      figure(base('cured'), cut, { numerator: of('cured') }),
    ];
  });
};

const peopleFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const { cut } = question;
  if (cut !== null && !isDayCut(cut)) return [];
  const [debtors, accounts] = await Promise.all([
    reads.debtors({ ...question, cut }),
    reads.accounts({ ...question, cut }),
  ]);
  const none = { cut: '', due: 0, attempted: 0, connected: 0, rpc: 0, reached: 0, promised: 0 };
  return [
    ...(debtors.length === 0 && cut === null ? [none] : debtors).flatMap((d) => {
      const at = cutOf(question, d.cut);
      return [
        figure(base('due'), at, { numerator: d.due }),
        figure(base('outbound'), at, { numerator: d.attempted }),
        rate(base('connectDebtor'), at, d.connected, d.attempted),
        rate(base('rpc'), at, d.rpc, d.attempted),
        rate(base('reach'), at, d.reached, d.due),
        rate(base('reachCalls'), at, d.rpc, d.due),
      ];
    }),
    ...(accounts.length === 0 && cut === null ? [none] : accounts).flatMap((a) => {
      const at = cutOf(question, a.cut);
      return [figure(base('dueAccounts'), at, { numerator: a.due }), rate(base('promiseRate'), at, a.promised, a.rpc)];
    }),
  ];
};

const promiseFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const parts = await reads.counters(question);
  const open = question.cut === null ? await reads.openPromises(question) : [];
  return [
    ...parts
      .filter((part) => part.currency !== '')
      .flatMap(({ cut: value, currency, sums }) => {
        const cut = cutOf(question, value);
        const settled = sums.promises_kept + sums.promises_partly + sums.promises_broken;
        const settledAmount = sums.kept_amount + sums.partly_amount + sums.broken_amount;
        return [
          figure(base('promised'), cut, {
            unit: 'money',
            currency,
            numerator: sums.promised_amount,
            note: `${sums.promises_made} promises`,
          }),
          rate(base('kept'), cut, sums.promises_kept, settled, { currency }),
          rate(base('keptAmount'), cut, sums.kept_amount, settledAmount, { currency, few: settled < FEW }),
          figure(base('voided'), cut, { currency, numerator: sums.promises_voided }),
          figure(base('paid'), cut, {
            unit: 'money',
            currency,
            numerator: sums.paid_amount - sums.reversed_amount,
            note: `${sums.payments} payments, ${sums.reversals} reversed`,
          }),
        ];
      }),
    ...open.map(({ currency, open: count, amount }) =>
      figure(base('open'), null, { currency, numerator: count, note: `amount ${amount}` }),
    ),
  ];
};

const smsFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const [parts, counters] = await Promise.all([reads.sms(question), reads.counters(question)]);
  const segments = (cut: string): number =>
    counters.filter((part) => part.cut === cut).reduce((sum, part) => sum + part.sums.sms_segments, 0);
  const none = { cut: '', submitted: 0, delivered: 0, undelivered: 0, pending: 0 };
  return (parts.length === 0 && question.cut === null ? [none] : parts).flatMap((part) => {
    const cut = cutOf(question, part.cut);
    return [
      figure(base('smsSubmitted'), cut, { numerator: part.submitted }),
      rate(base('smsDelivered'), cut, part.delivered, part.submitted),
      figure(base('smsPending'), cut, { numerator: part.pending }),
      figure(base('smsParts'), cut, { numerator: segments(part.cut) }),
    ];
  });
};

const complaintFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const { complaints, stopRequests, contacts } = await reads.complaints(question);
  const per = (key: 'complaint' | 'stops', numerator: number): Figure =>
    rate(base(key), null, numerator, contacts, {
      unit: 'per-10000',
      value: contacts === 0 ? null : (numerator / contacts) * 10_000,
    });
  return [per('complaint', complaints), per('stops', stopRequests)];
};

const unfinishedOf = (accounts: number): Partial<Figure> => (accounts > 0 ? { note: `unfinished: ${accounts}` } : {});

const cohortFigures = (cohorts: readonly CohortCounts[]): readonly Figure[] => {
  const sum = (of: (cohort: CohortCounts) => number, among = cohorts): number =>
    among.reduce((total, cohort) => total + of(cohort), 0);
  const entered = sum((c) => c.entered);
  const cure = (key: 'cure3' | 'cure5' | 'cure8', cured: number, finished: number): Figure =>
    rate(base(key), null, cured, entered, unfinishedOf(entered - finished));
  const rolled = sum((c) => c.rolled);
  const mature = sum((c) => c.mature);
  const currencies = [...new Set(cohorts.map((c) => c.currency))].sort();
  return [
    figure(base('entered'), null, { numerator: entered }),
    cure(
      'cure3',
      sum((c) => c.cured3),
      sum((c) => c.finished3),
    ),
    cure(
      'cure5',
      sum((c) => c.cured5),
      sum((c) => c.finished5),
    ),
    cure(
      'cure8',
      sum((c) => c.cured8),
      sum((c) => c.finished8),
    ),
    rate(base('roll'), null, rolled, mature, unfinishedOf(entered - mature)),
    ...currencies.map((currency) => {
      const among = cohorts.filter((c) => c.currency === currency);
      const accounts = sum((c) => c.entered, among);
      const owed = sum((c) => c.entryUnpaid, among);
      return rate(
        base('recovery'),
        null,
        sum((c) => c.recovered, among),
        owed,
        { currency, few: accounts < FEW, ...unfinishedOf(accounts - sum((c) => c.mature, among)) },
      );
    }),
    ...holdoutFigures(cohorts),
  ];
};

const NO_HOLDOUT = 'no holdout';

const drawnOf = (cohorts: readonly CohortCounts[], holdout: boolean): DrawnCounts => {
  const among = cohorts.filter((cohort) => cohort.holdout === holdout).map(({ drawn }) => drawn);
  const sum = (of: (drawn: DrawnCounts) => number): number => among.reduce((total, drawn) => total + of(drawn), 0);
  return {
    of: sum((d) => d.of),
    weight: sum((d) => d.weight),
    weightSquared: sum((d) => d.weightSquared),
    curedWeight: sum((d) => d.curedWeight),
  };
};

/** Why there is no number, though somebody may be held out whose days are not over. */
const noHoldout = (cohorts: readonly CohortCounts[]): string => {
  const waiting = cohorts.filter((c) => c.holdout).reduce((sum, c) => sum + c.entered - c.mature, 0);
  return waiting > 0 ? `unfinished: ${waiting}` : NO_HOLDOUT;
};

const holdoutFigures = (cohorts: readonly CohortCounts[]): readonly Figure[] => {
  const held = drawnOf(cohorts, true);
  const treated = drawnOf(cohorts, false);
  if (held.of === 0) {
    const note = noHoldout(cohorts);
    const nothing = { unit: 'rate', value: null, numerator: 0, denominator: 0, few: true, note } as const;
    return [figure(base('selfCure'), null, nothing), figure(base('uplift'), null, nothing)];
  }
  const [a, b] = [proportionOf(treated), proportionOf(held)];
  const nobody = treated.of === 0;
  return [
    rate(base('selfCure'), null, held.curedWeight, held.weight, { few: held.of < FEW, note: `${held.of} accounts` }),
    figure(base('uplift'), null, {
      unit: 'rate',
      value: nobody ? null : treated.curedWeight / treated.weight - held.curedWeight / held.weight,
      numerator: treated.curedWeight,
      denominator: treated.weight,
      few: held.of < FEW || treated.of < FEW,
      note: `accounts: treated ${treated.of}, holdout ${held.of}`,
      interval: nobody ? null : differenceInterval(a, b),
    }),
  ];
};

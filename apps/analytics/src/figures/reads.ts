/** What figures are made of: small sums and distinct counts over the views. One implementation reads SQL, one memory (tests). */
import { type Counter, PLAIN_COUNTERS, type PlainCounter } from './counters.js';

/** Local days, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** Cuts of the additive counters. */
export const CUTS = ['day', 'hour', 'tier', 'term', 'arm', 'strategy', 'script', 'voice', 'detail'] as const;
export type CutName = (typeof CUTS)[number];
/** Cuts that a debtor's or an account's day knows. */
export const DAY_CUTS = ['day', 'tier', 'term', 'arm'] as const;
export type DayCut = (typeof DAY_CUTS)[number];
export const isDayCut = (cut: CutName): cut is DayCut => (DAY_CUTS as readonly string[]).includes(cut);

export interface Question {
  readonly period: Period;
  readonly cut: CutName | null;
  /** Real and simulated outcomes are never mixed. */
  readonly simulated: boolean;
  /** Only what was known when this local day was over; absent: all that is known. */
  readonly knownBy?: string;
}

/** Value of the cut; empty: not cut, or the fact has none. */
interface Part {
  readonly cut: string;
}
export interface CounterSums extends Part {
  readonly currency: string;
  readonly sums: Readonly<Record<Counter, number>>;
}
export interface DebtorCounts extends Part {
  readonly due: number;
  readonly attempted: number;
  readonly connected: number;
  readonly rpc: number;
  /** RPC or a delivered SMS. */
  readonly reached: number;
}
export interface AccountCounts extends Part {
  readonly due: number;
  readonly rpc: number;
  readonly promised: number;
}
export interface SmsCounts extends Part {
  readonly submitted: number;
  /** Receipt "delivered" within 48 hours. */
  readonly delivered: number;
  readonly undelivered: number;
  /** No receipt so far. */
  readonly pending: number;
}
export interface TalkTime extends Part {
  readonly medianMs: number | null;
}
/** Of debtors with a contact at most seven days before, by the day of the last one. */
export interface ComplaintCounts {
  readonly complaints: number;
  readonly stopRequests: number;
  readonly contacts: number;
}
export interface DenialCounts {
  readonly rule: string;
  readonly channel: string;
  readonly denied: number;
  readonly onlyThisRule: number;
}
/**
 * Cases that entered on a day owing something, by arm. `curedN`: cured at the end of DPD N; `finishedN`: cured by then or DPD N is
 * over.
 */
export interface CohortCounts {
  readonly day: string;
  readonly arm: string;
  readonly holdout: boolean;
  readonly currency: string;
  readonly entered: number;
  readonly entryUnpaid: number;
  /** Of each account what was paid by the end of DPD 8, at most what it owed at entry. */
  readonly recovered: number;
  readonly cured3: number;
  readonly cured5: number;
  readonly cured8: number;
  readonly finished3: number;
  readonly finished5: number;
  readonly finished8: number;
  /** DPD 8 is over, whether cured or not: what is known of these does not depend on how it went. */
  readonly mature: number;
  /** Of the mature ones: owing more than the tolerance when DPD 9 began. */
  readonly rolled: number;
  readonly drawn: DrawnCounts;
}
/** A sum of fractions, to nine decimals: the order in which it was added does not show. */
export const steady = (sum: number): number => Math.round(sum * 1e9) / 1e9;

/** Mature cases that chance could have put into either group, each weighed by 1/p: sums of weights. */
export interface DrawnCounts {
  readonly of: number;
  readonly weight: number;
  readonly weightSquared: number;
  readonly curedWeight: number;
}
export interface CuredCounts extends Part {
  readonly cured: number;
}
export interface OpenPromises {
  readonly currency: string;
  readonly open: number;
  readonly amount: number;
}

/** Counters of things over all currencies, by cut; of the whole there is always one. */
export const plainSums = (
  { cut }: Question,
  parts: readonly CounterSums[],
): readonly { readonly cut: string; readonly of: (name: PlainCounter) => number }[] => {
  const byCut = Map.groupBy(parts, (part) => part.cut);
  if (cut === null && byCut.size === 0) byCut.set('', []);
  return [...byCut].map(([value, among]) => {
    const sums = new Map(PLAIN_COUNTERS.map((name) => [name, among.reduce((sum, part) => sum + part.sums[name], 0)]));
    return { cut: value, of: (name) => sums.get(name) ?? 0 };
  });
};

/** Cut of a figure; null: it is not cut. */
export const cutOf = (question: Question, value: string): string | null => (question.cut === null ? null : value);

export interface FigureReads {
  counters(question: Question): Promise<readonly CounterSums[]>;
  debtors(question: Question & { readonly cut: DayCut | null }): Promise<readonly DebtorCounts[]>;
  /** Accounts whose cure on a day of the period stands, each once. */
  cured(question: Question & { readonly cut: DayCut | null }): Promise<readonly CuredCounts[]>;
  accounts(question: Question & { readonly cut: DayCut | null }): Promise<readonly AccountCounts[]>;
  sms(question: Question): Promise<readonly SmsCounts[]>;
  talk(question: Question): Promise<readonly TalkTime[]>;
  complaints(question: Question): Promise<ComplaintCounts>;
  denials(question: Question): Promise<readonly DenialCounts[]>;
  /** @param today local day up to which days are over (itself not). */
  cohorts(question: Question, today: string): Promise<readonly CohortCounts[]>;
  /** Promises that were made in the period and whose result is not known. */
  openPromises(question: Question): Promise<readonly OpenPromises[]>;
}

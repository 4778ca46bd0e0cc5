/** What can be asked, and what is answered: the contract of the command line and the HTTP API with analytics. */
import type { RuleResult, Verdict } from '@mora/contracts';
import type { FeedLag } from '../consumer.js';
import type { AmountCounter, Counter, PlainCounter } from '../figures/counters.js';
import type { Figures } from '../figures/figures.js';
import type { CutName, Period } from '../figures/reads.js';
import type { RebuildReport } from '../rebuild.js';
import type { CallRow } from '../views/calls.view.js';
import type { CaseRow, caseState } from '../views/cases.view.js';
import type { PromiseRow } from '../views/promises.view.js';
import type { SmsRow } from '../views/sms.view.js';
import type { TimelineEntry } from './timeline-entry.js';

export type CaseState = ReturnType<typeof caseState>;
export interface CaseFilter {
  readonly state?: CaseState;
  readonly tier?: string;
  readonly label?: string;
  readonly debtorId?: string;
  readonly accountId?: string;
  readonly openedOn?: string;
  /** 1–1,000; 50 by default. */
  readonly limit?: number;
  /** caseId of the last row of the page before. */
  readonly after?: string;
}
export type CaseSummary = CaseRow & { readonly state: CaseState };
export interface CaseDetail {
  readonly case: CaseSummary;
  readonly calls: readonly CallRow[];
  readonly sms: readonly SmsRow[];
  readonly promises: readonly PromiseRow[];
  readonly timeline: readonly TimelineEntry[];
}
export interface CallFilter {
  readonly debtorId?: string;
  readonly caseId?: string;
  readonly day?: string;
  readonly disposition?: string;
  readonly limit?: number;
}
/** A turn as it was taken; what was said and heard stays sealed. */
export interface TurnLine {
  readonly index: number;
  readonly at: string;
  readonly state: string;
  readonly promptId: string;
  readonly wordingId: string;
  readonly intent: string;
  readonly confidence: number;
  readonly nextState: string;
  readonly latencyMs: number;
  readonly key: string;
}
/** What was said and heard in a turn, sealed with the debtor's key; null: nothing, or no words are left of him. */
export interface SealedWords {
  readonly debtorId: string;
  readonly stream: string;
  readonly turns: readonly { readonly index: number; readonly spoken: string | null; readonly heard: string | null }[];
}
export interface VerdictView {
  readonly contactId: string;
  readonly key: string;
  readonly at: string;
  readonly channel: string;
  readonly result: 'allowed' | 'denied';
  readonly deniedBy: readonly string[];
  readonly rules: readonly RuleResult[];
  readonly verdict: Verdict;
}
export interface CallDetail {
  readonly call: CallRow;
  readonly turns: readonly TurnLine[];
  readonly verdict: VerdictView | null;
}
/** Why a debtor was or was not contacted on the day of an instant. */
export interface WhyAnswer {
  readonly debtorId: string;
  readonly at: string;
  readonly day: string;
  /** One sentence per ground, the weightiest first. */
  readonly because: readonly string[];
  readonly plan: { readonly why: string; readonly nextDialAt: string | null; readonly key: string } | null;
  readonly verdicts: readonly VerdictView[];
  readonly stops: readonly {
    readonly kind: string;
    readonly scope: string;
    readonly since: string;
    readonly key: string;
  }[];
  readonly cases: readonly CaseSummary[];
  readonly timeline: readonly TimelineEntry[];
}
export interface FiguresRequest {
  readonly period: Period;
  readonly cut?: CutName | null;
  /** Absent: real ones if there are any in the period, else simulated. */
  readonly simulated?: boolean;
}
export interface Lineage {
  readonly counter: Counter;
  readonly day: string;
  readonly simulated: boolean;
  /** Null: amounts in several currencies, which have no sum. */
  readonly value: number | null;
  /** Of an amount, in minor units; empty of a count. */
  readonly byCurrency: Readonly<Record<string, number>>;
  readonly keys: readonly string[];
  /** More facts than were asked for. */
  readonly truncated: boolean;
}
export interface Summary {
  readonly asOf: string;
  readonly cases: Readonly<Record<string, number>>;
  readonly totals: Readonly<Record<PlainCounter, number>>;
  /** Minor units, by currency. */
  readonly amounts: Readonly<Record<string, Readonly<Record<AmountCounter, number>>>>;
  readonly simulated: boolean;
  readonly days: readonly string[];
  readonly facts: number;
  readonly lag: number;
  readonly faults: number;
}

export interface AnalyticsQueries {
  figures(request: FiguresRequest): Promise<Figures>;
  figuresOfDay(day: string, cut?: CutName | null): Promise<Figures>;
  summary(): Promise<Summary>;
  lineage(
    counter: Counter,
    day: string,
    options?: { readonly limit?: number; readonly simulated?: boolean },
  ): Promise<Lineage>;
  readonly cases: {
    list(filter?: CaseFilter): Promise<readonly CaseSummary[]>;
    /** @throws NotFound */
    show(caseId: string): Promise<CaseDetail>;
  };
  readonly calls: {
    list(filter?: CallFilter): Promise<readonly CallRow[]>;
    /** @throws NotFound */
    show(attemptId: string): Promise<CallDetail>;
    /** For who holds the debtor's key, and may. */
    words(attemptId: string): Promise<SealedWords>;
  };
  timeline(debtorId: string, limit?: number): Promise<readonly TimelineEntry[]>;
  /** The stored verdict of a contact; null: none. */
  verdict(contactId: string): Promise<VerdictView | null>;
  why(debtorId: string, at?: string): Promise<WhyAnswer>;
  readonly views: {
    names(): Promise<readonly string[]>;
    /** @throws UnknownView */
    rebuild(name: string, options?: { readonly compare?: boolean }): Promise<RebuildReport>;
  };
  feeds(): readonly FeedLag[];
  lag(): number;
  caughtUp(): boolean;
  drain(): Promise<void>;
}

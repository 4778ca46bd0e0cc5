/** How the work stands in a few counts: from the views, and, for the progress line, what this process has seen since. */
import type { EventEnvelope, LegOutcome, RuleResult } from '@mora/contracts';
import type { Summary } from './answers.js';

export interface Live {
  readonly events: number;
  readonly open: number;
  readonly inFlight: number;
  readonly dialed: number;
  readonly connected: number;
  readonly promises: number;
  readonly cured: number;
  readonly handedOver: number;
  readonly sms: number;
  readonly denied: number;
}

type Counter = keyof Live;

/** Of the views, whichever process saw the events. @param events all of them */
export const countsOf = ({ cases, totals }: Pick<Summary, 'cases' | 'totals'>, events: number): Live => {
  const standing = (state: string): number => cases[state] ?? 0;
  const of = (name: keyof Summary['totals']): number => totals[name] ?? 0;
  return {
    events,
    open: standing('open') + standing('promised') + standing('handed-over'),
    inFlight: Math.max(0, of('dialed') - of('ended')),
    dialed: of('dialed'),
    connected: of('connected'),
    promises: of('promises_made'),
    cured: standing('cured'),
    handedOver: of('hand_overs'),
    sms: of('sms_submitted'),
    denied: of('denied'),
  };
};

const BY_TYPE: ReadonlyMap<string, readonly [Counter, number][]> = new Map(
  Object.entries<[Counter, number][]>({
    CaseOpened: [['open', 1]],
    CaseCured: [
      ['open', -1],
      ['cured', 1],
    ],
    CaseClosed: [['open', -1]],
    CaseReopened: [
      ['open', 1],
      ['cured', -1],
    ],
    LegAccepted: [
      ['inFlight', 1],
      ['dialed', 1],
    ],
    LegLost: [['inFlight', -1]],
    PromiseMade: [['promises', 1]],
    HandedOver: [['handedOver', 1]],
    SmsSubmitted: [['sms', 1]],
    ContactDenied: [['denied', 1]],
  }),
);

export class LiveCounters {
  private readonly counts = new Map<Counter, number>();
  readonly deniedByRule = new Map<string, number>();

  /** Before anything is noted. Events are counted anew: their speed is this process's. */
  begin(seen: Live): void {
    for (const [counter, count] of Object.entries(seen)) this.counts.set(counter as Counter, count);
    this.counts.set('events', 0);
  }

  note(events: readonly EventEnvelope[]): void {
    this.add('events', events.length);
    for (const event of events) {
      for (const [counter, by] of BY_TYPE.get(event.type) ?? []) this.add(counter, by);
      if (event.type === 'LegEnded') this.legEnded((event.data as { outcome: LegOutcome }).outcome);
      if (event.type === 'ContactDenied')
        this.denied((event.data as { verdict: { rules: readonly RuleResult[] } }).verdict.rules);
    }
  }

  now(): Live {
    const of = (counter: Counter) => this.counts.get(counter) ?? 0;
    return {
      events: of('events'),
      open: of('open'),
      inFlight: of('inFlight'),
      dialed: of('dialed'),
      connected: of('connected'),
      promises: of('promises'),
      cured: of('cured'),
      handedOver: of('handedOver'),
      sms: of('sms'),
      denied: of('denied'),
    };
  }

  private add(counter: Counter, by: number): void {
    this.counts.set(counter, (this.counts.get(counter) ?? 0) + by);
  }

  private legEnded(outcome: LegOutcome): void {
    this.add('inFlight', -1);
    if (outcome.connected !== 'no') this.add('connected', 1);
  }

  private denied(rules: readonly RuleResult[]): void {
    for (const rule of rules)
      if (rule.result === 'deny') this.deniedByRule.set(rule.ruleId, (this.deniedByRule.get(rule.ruleId) ?? 0) + 1);
  }
}

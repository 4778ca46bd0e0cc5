/** Figures as a script would count them, straight from the definitions over the list of facts: what the views are compared with. */
import type { EventEnvelope } from '@mora/contracts';

type Quotient = readonly [numerator: number, denominator: number | null];
/** By id of the figure; of money by `<id> <currency>`. */
export type NaiveFigures = Readonly<Record<string, Quotient>>;

interface Days {
  readonly from: string;
  readonly to: string;
}
interface Facts {
  readonly [name: string]: unknown;
}
interface Fact {
  readonly type: string;
  readonly d: Facts;
  readonly at: string;
  readonly day: string;
}

const DAY_MS = 86_400_000;
const localDay = (at: string): string => new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10);
const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;
const distinct = (values: readonly unknown[]): number => new Set(values).size;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const text = (fact: Fact, name: string): string => String(fact.d[name]);
const num = (fact: Fact, name: string): number => Number(fact.d[name]);
const inside = ({ from, to }: Days, day: string): boolean => day >= from && day <= to;

const factsOf = (events: readonly EventEnvelope[]): readonly Fact[] =>
  events.map((e) => ({ type: e.type, d: e.data as Facts, day: localDay(e.meta.at), at: e.meta.at }));

/** @param today local day; a day of an account is over when it lies before. */
export const naiveFigures = (events: readonly EventEnvelope[], period: Days, today: string): NaiveFigures => {
  const facts = factsOf(events);
  return {
    ...contactFigures(facts, period),
    ...promiseFigures(facts, period),
    ...moneyFigures(facts, period),
    ...complaintFigures(facts, period),
    ...cohortFigures(facts, period, today),
  };
};

const contactFigures = (facts: readonly Fact[], period: Days): NaiveFigures => {
  const of = (type: string) => facts.filter((e) => e.type === type && inside(period, e.day));
  const ended = of('CallEnded');
  const faults = ended.filter((e) => e.d['disposition'] === 'trunk-fault');
  const dialed = of('CallOriginated').length - faults.length;
  const connected = ended.filter((e) => e.d['connected'] !== 'no');
  const conversations = ended.filter((e) => e.d['conversation'] === true);
  const rpc = ended.filter((e) => e.d['rightParty'] === true);
  const faulty = new Set(faults.map((e) => e.d['attemptId']));
  const attempted = of('CallOriginated').filter((e) => !faulty.has(e.d['attemptId']));
  const due = facts.filter((e) => e.type === 'AccountTiered' && inside(period, text(e, 'businessDate')));
  const delivered = of('SmsDelivered').filter((e) => e.d['trigger'] !== 'n');
  const submitted = of('SmsSubmitted');
  const inTime = submitted.filter((s) =>
    facts.some(
      (e) =>
        e.type === 'SmsDelivered' &&
        e.d['smsId'] === s.d['smsId'] &&
        Date.parse(text(e, 'receiptAt')) - Date.parse(text(s, 'submittedAt')) <= 2 * DAY_MS,
    ),
  );
  const debtors = (found: readonly Fact[]) => distinct(found.map((e) => e.d['debtorId']));
  const talk = (found: readonly Fact[]) => sum(found.map((e) => num(e, 'talkMs')));
  const caseOf = (e: Fact) => (e.d['context'] as { readonly caseId: string }).caseId;
  return {
    due_debtors: [debtors(due), null],
    due_accounts: [distinct(due.map((e) => e.d['caseId'])), null],
    outbound: [debtors(attempted), null],
    dialed: [dialed, null],
    trunk_faults: [faults.length, null],
    connect_rate: [connected.length, dialed],
    connect_rate_person: [connected.filter((e) => e.d['disposition'] !== 'machine').length, dialed],
    connect_rate_debtor: [debtors(connected), debtors(attempted)],
    rpc_rate: [debtors(rpc), debtors(attempted)],
    reach_rate: [debtors([...rpc, ...delivered]), debtors(due)],
    reach_rate_calls: [debtors(rpc), debtors(due)],
    talk_ms: [talk(ended), null],
    talk_ms_mean: [talk(conversations), conversations.length],
    talk_ms_median: [median(conversations.map((e) => num(e, 'talkMs'))), conversations.length],
    promise_rate: [distinct(of('PromiseMade').map((e) => e.d['caseId'])), distinct(rpc.map(caseOf))],
    denied: [of('ContactDenied').length, null],
    sms_submitted: [submitted.length, null],
    sms_delivery_rate: [inTime.length, submitted.length],
  };
};

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? 0 : ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
};

const RESULTS: Readonly<Record<string, string>> = {
  PromiseKept: 'kept',
  PromisePartlyKept: 'partly',
  PromiseBroken: 'broken',
};

/** Results that stand: a promise that was opened again has only the result that came after. */
const standing = (facts: readonly Fact[]): readonly Fact[] =>
  facts.filter(
    (e, i) =>
      RESULTS[e.type] !== undefined &&
      !facts.slice(i).some((f) => f.type === 'PromiseReopened' && f.d['promiseId'] === e.d['promiseId']),
  );

const promiseFigures = (facts: readonly Fact[], period: Days): NaiveFigures => {
  const results = standing(facts).filter((e) => inside(period, e.day));
  const kept = results.filter((e) => RESULTS[e.type] === 'kept');
  const made = facts.filter((e) => e.type === 'PromiseMade' && inside(period, e.day));
  const amounts = (found: readonly Fact[], currency: string) =>
    sum(found.filter((e) => e.d['currency'] === currency).map((e) => num(e, 'amount')));
  const currencies = [...new Set([...made, ...results].map((e) => text(e, 'currency')))];
  return {
    promises_made: [made.length, null],
    promises_kept: [kept.length, null],
    kept_rate: [kept.length, results.length],
    ...Object.fromEntries(
      currencies.flatMap((currency) => [
        [`promised_amount ${currency}`, [amounts(made, currency), null]],
        [`kept_rate_amount ${currency}`, [amounts(kept, currency), amounts(results, currency)]],
      ]),
    ),
  };
};

const movedBy = (e: Fact): number => (e.type === 'PaymentPosted' ? 1 : e.type === 'PaymentReversed' ? -1 : 0);

const moneyFigures = (facts: readonly Fact[], period: Days): NaiveFigures => {
  const moved = facts.filter((e) => movedBy(e) !== 0 && inside(period, localDay(text(e, 'postedAt'))));
  return Object.fromEntries(
    [...Map.groupBy(moved, (e) => text(e, 'currency'))].map(([currency, found]) => [
      `paid_amount ${currency}`,
      [sum(found.map((e) => movedBy(e) * num(e, 'amount'))), null],
    ]),
  );
};

const complaintFigures = (facts: readonly Fact[], period: Days): NaiveFigures => {
  const answered = new Set(
    facts.filter((e) => e.type === 'CallEnded' && e.d['connected'] !== 'no').map((e) => e.d['attemptId']),
  );
  const contacts = facts.filter(
    (e) => (e.type === 'CallOriginated' && answered.has(e.d['attemptId'])) || e.type === 'SmsSubmitted',
  );
  const counted = (complaint: Fact): boolean => {
    const last = contacts.findLast((c) => c.d['debtorId'] === complaint.d['debtorId'] && c.at <= complaint.at);
    return last !== undefined && days(last.day, complaint.day) <= 7 && inside(period, last.day);
  };
  const isStop = (e: Fact): boolean =>
    e.type === 'NumberBarred' ? e.d['everywhere'] === true : e.type === 'StopPlaced' && e.d['kind'] === 'stop-asked';
  const all = contacts.filter((c) => inside(period, c.day)).length;
  return {
    complaint_rate: [
      facts.filter((e) => e.type === 'StopPlaced' && e.d['kind'] === 'complaint' && counted(e)).length,
      all,
    ],
    stop_request_rate: [facts.filter((e) => isStop(e) && counted(e)).length, all],
  };
};

interface Entered {
  readonly currency: string;
  readonly unpaid: number;
  readonly cured: (dpd: number) => boolean;
  readonly over: (dpd: number) => boolean;
  readonly cureStands: string | null;
  readonly recovered: number;
  readonly rolled: boolean;
  /** 1/p of who could have been drawn into either group; null: not so. */
  readonly weight: number | null;
  readonly holdout: boolean;
}

const enteredOf = (facts: readonly Fact[], opened: Fact, today: string): Entered => {
  const own = facts.filter((e) => e.d['caseId'] === opened.d['caseId']);
  const bill = opened.d['facts'] as { readonly dueDate: string; readonly currency: string };
  const dpd = (day: string) => days(bill.dueDate, day);
  const turns = own.filter((e) => e.type === 'CaseCured' || e.type === 'CaseReopened');
  const moved = own.filter((e) => movedBy(e) !== 0 && dpd(localDay(text(e, 'postedAt'))) <= 8);
  const net = sum(moved.map((e) => movedBy(e) * num(e, 'amount')));
  const unpaid = num(opened, 'unpaidMinimum');
  const tolerance = Math.max(0, ...own.filter((e) => e.type === 'WithinTolerance').map((e) => num(e, 'tolerance')));
  const started = own.find((e) => e.type === 'TreatmentStarted');
  const decision = started?.d['decision'] as
    | { readonly options: readonly { readonly eligible: boolean }[] }
    | undefined;
  const p = Number(started?.d['probability']);
  const last = turns.at(-1);
  return {
    currency: bill.currency,
    unpaid,
    cured: (n) => turns.findLast((e) => dpd(e.day) <= n)?.type === 'CaseCured',
    over: (n) => dpd(today) > n,
    cureStands: last?.type === 'CaseCured' ? last.day : null,
    recovered: Math.min(Math.max(0, net), unpaid),
    rolled: unpaid - net > tolerance,
    weight: p > 0 && p < 1 && decision?.options.every((option) => option.eligible) ? 1 / p : null,
    holdout: started?.d['holdout'] === true,
  };
};

const cohortFigures = (facts: readonly Fact[], period: Days, today: string): NaiveFigures => {
  const all = facts.filter((e) => e.type === 'CaseOpened');
  const accounts = all.filter((e) => inside(period, e.day)).map((e) => enteredOf(facts, e, today));
  const mature = accounts.filter((account) => account.over(8));
  const curedBy = (n: number): Quotient => [accounts.filter((account) => account.cured(n)).length, accounts.length];
  const weighted = (holdout: boolean) => {
    const group = mature.filter((account) => account.holdout === holdout && account.weight !== null);
    const weights = (found: readonly Entered[]) => sum(found.map((account) => account.weight ?? 0));
    return [weights(group.filter((account) => account.cured(8))), weights(group)] as const;
  };
  const [heldCured, held] = weighted(true);
  const [treatedCured, treated] = weighted(false);
  const cureStands = all.map((e) => enteredOf(facts, e, today).cureStands);
  return {
    cured: [cureStands.filter((day) => day !== null && inside(period, day)).length, null],
    entered: [accounts.length, null],
    cure_rate_3: curedBy(3),
    cure_rate_5: curedBy(5),
    cure_rate_8: curedBy(8),
    roll_rate: [mature.filter((account) => account.rolled).length, mature.length],
    self_cure_rate: [heldCured, held],
    uplift: [held === 0 || treated === 0 ? 0 : treatedCured / treated - heldCured / held, null],
    ...Object.fromEntries(
      [...Map.groupBy(accounts, (account) => account.currency)].map(([currency, found]) => [
        `recovery_rate ${currency}`,
        [sum(found.map((account) => account.recovered)), sum(found.map((account) => account.unpaid))],
      ]),
    ),
  };
};

/** Figures as a script would count them, straight from the facts: what the views are compared with. */
import type { EventEnvelope } from '@mora/contracts';

export type NaiveFigures = Readonly<Record<string, readonly [numerator: number, denominator: number | null]>>;

const localDay = (at: string): string => new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10);

export const naiveFigures = (
  events: readonly EventEnvelope[],
  period: { readonly from: string; readonly to: string },
): NaiveFigures => {
  const inPeriod = (day: string) => day >= period.from && day <= period.to;
  const all = events.map((e) => ({ type: e.type, d: e.data as Fields, day: localDay(e.meta.at), at: e.meta.at }));
  const now = all.filter((e) => inPeriod(e.day));
  const of = (type: string) => now.filter((e) => e.type === type);
  const distinct = (values: readonly unknown[]) => new Set(values).size;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const ended = of('CallEnded');
  const faults = ended.filter((e) => e.d.disposition === 'trunk-fault').length;
  const dialed = of('CallOriginated').length - faults;
  const connected = ended.filter((e) => e.d.connected !== 'no');
  const rpc = ended.filter((e) => e.d.rightParty);
  const attemptedDebtors = distinct(ended.filter((e) => e.d.disposition !== 'trunk-fault').map((e) => e.d.debtorId));
  const due = all.filter((e) => e.type === 'AccountTiered' && inPeriod(String(e.d.businessDate)));
  const delivered = of('SmsDelivered').filter((e) => e.d.trigger !== 'n');
  const reached = distinct([...rpc, ...delivered].map((e) => e.d.debtorId));
  const submitted = of('SmsSubmitted');
  const inTime = submitted.filter((s) =>
    all.some(
      (e) =>
        e.type === 'SmsDelivered' &&
        e.d.smsId === s.d.smsId &&
        Date.parse(String(e.d.receiptAt)) - Date.parse(String(s.d.submittedAt)) <= 48 * 3_600_000,
    ),
  );
  const results = [...of('PromiseKept'), ...of('PromisePartlyKept'), ...of('PromiseBroken')];
  const contacts = connected.length + submitted.length;
  const contactDays = all
    .filter((e) => (e.type === 'CallEnded' && e.d.connected !== 'no') || e.type === 'SmsSubmitted')
    .map((e) => ({ debtor: e.d.debtorId, day: e.day }));
  const daysBetween = (a: string, b: string) => (Date.parse(b) - Date.parse(a)) / 86_400_000;
  const complaints = all.filter((e) => {
    if (e.type !== 'StopPlaced' || e.d.kind !== 'complaint') return false;
    const before = contactDays
      .filter((c) => c.debtor === e.d.debtorId && c.day <= e.day && daysBetween(c.day, e.day) <= 7)
      .map((c) => c.day)
      .sort();
    const last = before.at(-1);
    return last !== undefined && inPeriod(last);
  }).length;
  const entered = of('CaseOpened');
  const curedBy = (dpd: number) =>
    entered.filter((opened) => {
      const last = all.findLast(
        (e) => ['CaseCured', 'CaseReopened'].includes(e.type) && e.d.caseId === opened.d.caseId,
      );
      return last?.type === 'CaseCured' && Number(last.d.dpd) <= dpd;
    }).length;
  const denied = of('ContactDenied');
  return {
    due_debtors: [distinct(due.map((e) => e.d.debtorId)), null],
    due_accounts: [distinct(due.map((e) => e.d.caseId)), null],
    outbound: [attemptedDebtors, null],
    dialed: [dialed, null],
    trunk_faults: [faults, null],
    connect_rate: [connected.length, dialed],
    connect_rate_person: [connected.filter((e) => e.d.disposition !== 'machine').length, dialed],
    connect_rate_debtor: [distinct(connected.map((e) => e.d.debtorId)), attemptedDebtors],
    rpc_rate: [distinct(rpc.map((e) => e.d.debtorId)), attemptedDebtors],
    reach_rate: [reached, distinct(due.map((e) => e.d.debtorId))],
    talk_ms: [sum(ended.map((e) => Number(e.d.talkMs))), null],
    promise_rate: [
      distinct(of('PromiseMade').map((e) => e.d.caseId)),
      distinct(rpc.map((e) => (e.d.context as { caseId: string }).caseId)),
    ],
    kept_rate: [of('PromiseKept').length, results.length],
    kept_rate_amount: [
      sum(of('PromiseKept').map((e) => Number(e.d.amount))),
      sum(results.map((e) => Number(e.d.amount))),
    ],
    promised_amount: [sum(of('PromiseMade').map((e) => Number(e.d.amount))), null],
    paid_amount: [
      sum(of('PaymentPosted').map((e) => Number(e.d.amount))) -
        sum(of('PaymentReversed').map((e) => Number(e.d.amount))),
      null,
    ],
    denied: [denied.length, null],
    sms_submitted: [submitted.length, null],
    sms_delivery_rate: [inTime.length, submitted.length],
    complaint_rate: [complaints, contacts],
    cured: [of('CaseCured').length, null],
    entered: [entered.length, null],
    cure_rate_3: [curedBy(3), entered.length],
    cure_rate_8: [curedBy(8), entered.length],
  };
};

type Fields = Readonly<Record<string, unknown>>;

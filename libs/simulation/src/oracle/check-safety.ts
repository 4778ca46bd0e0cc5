/**
 * The safety oracle: was anybody contacted who should not have been? It trusts nobody: it reads the logs of the carrier, the SMSC and
 * the bank, the guard's stored verdicts and stops, and works everything out itself, without any of the product's own rules.
 */
import type { BankRecord } from '../bank-records.js';
import type { CarrierRecord, SmscRecord } from '../log-records.js';
import { acknowledgements } from './acknowledgements.js';
import { callCaps, smsCaps } from './caps.js';
import { ContactLog } from './contact-log.js';
import { groupBy, type Left, violation } from './contacts.js';
import {
  defaultLimits,
  type Evidence,
  type OracleCounts,
  type OracleLimits,
  type SafetyReport,
  type StopFact,
  type StoredVerdict,
  type Violation,
  type Yardstick,
} from './evidence.js';
import { afterBankCures, afterStops, BankStates } from './stops.js';

/** Takes evidence piece by piece and keeps of each only what its judgement needs; pieces may come in any order. */
export class SafetyOracle {
  readonly #log = new ContactLog();
  readonly #bank = new BankStates();
  readonly #allowed = new Map<string, StoredVerdict>();
  readonly #facts: StopFact[] = [];
  #denied = 0;

  carrier(record: CarrierRecord): void {
    this.#log.carrier(record);
  }

  smsc(record: SmscRecord): void {
    this.#log.smsc(record);
  }

  bank(record: BankRecord): void {
    this.#bank.take(record);
  }

  verdict(verdict: StoredVerdict): void {
    if (verdict.result === 'allowed') this.#allowed.set(verdict.contactId, verdict);
    else this.#denied += 1;
  }

  fact(fact: StopFact): void {
    this.#facts.push(fact);
  }

  /** Judges a whole run. A run with no contacts is clean; a log that lacks what it should prove is not. */
  report(yardstick: Yardstick): SafetyReport {
    const limits: OracleLimits = { ...defaultLimits, ...yardstick.limits };
    const calls = this.#log.calls();
    const sms = this.#log.sms();
    const contacts = [...calls, ...sms];
    const acknowledged = acknowledgements(sms, this.#log.replies());
    const stops = afterStops(contacts, this.#facts, this.#allowed, limits, acknowledged.by);
    const cured = afterBankCures(contacts, this.#bank, yardstick.accounts ?? {});
    const violations = [
      ...contacts.flatMap(readable),
      ...contacts.flatMap((left) => hours(left, limits)),
      ...callCaps(calls, this.#log, limits),
      ...smsCaps(sms, calls, this.#log, limits, acknowledged.by),
      ...acknowledged.violations,
      ...stops.violations,
      ...cured.flatMap((late) => afterCure(late, limits)),
      ...twice(contacts),
      ...contacts.flatMap((left) => verdictOf(left, this.#allowed)),
      ...strangers(contacts, yardstick.owners),
      ...unannounced(this.#log),
    ];
    const { insidePermitLife, longestAfterStopMs } = stops;
    const counts = { ...this.#counts(calls, sms), insidePermitLife, longestAfterStopMs, afterBankCure: cured.length };
    return { clean: violations.length === 0, violations, counts };
  }

  #counts(
    calls: readonly Left[],
    sms: readonly Left[],
  ): Omit<OracleCounts, 'insidePermitLife' | 'longestAfterStopMs' | 'afterBankCure'> {
    return {
      calls: calls.length,
      answered: this.#log.answers,
      sms: sms.length,
      smsDelivered: this.#log.delivered,
      debtorsCalled: new Set(calls.map(({ debtorId }) => debtorId)).size,
      verdictsAllowed: this.#allowed.size,
      verdictsDenied: this.#denied,
      allowedNeverLeft: [...this.#allowed.keys()].filter((contactId) => !this.#log.began(contactId)).length,
      stopFacts: this.#facts.length,
      callsWithoutEnd: calls.filter(({ contactId }) => !this.#log.ended(contactId)).length,
      ...this.#bank.counts(),
    };
  }
}

/** Judges evidence at hand, each part read once. */
export const checkSafety = (evidence: Evidence): SafetyReport => {
  const oracle = new SafetyOracle();
  for (const record of evidence.carrier) oracle.carrier(record);
  for (const record of evidence.smsc) oracle.smsc(record);
  for (const record of evidence.bankLog) oracle.bank(record);
  for (const verdict of evidence.verdicts) oracle.verdict(verdict);
  for (const fact of evidence.facts) oracle.fact(fact);
  return oracle.report(evidence);
};

const afterCure = (
  { left, lateMs }: { readonly left: Left; readonly lateMs: number },
  { bankCureKnownWithinMs }: OracleLimits,
): readonly Violation[] =>
  bankCureKnownWithinMs !== null && lateMs > bankCureKnownWithinMs
    ? [violation('after-cure', left, `began ${lateMs} ms of business time after the bank posted the cure`)]
    : [];

const readable = (left: Left): readonly Violation[] =>
  Number.isNaN(left.businessMs) || Number.isNaN(left.wallMs) || left.contactId === '' || left.debtorId === ''
    ? [violation('unreadable', left, 'the log does not say when or whom')]
    : [];

const hours = (left: Left, limits: OracleLimits): readonly Violation[] => {
  const { fromSecond, toSecond } = left.channel === 'call' ? limits.callHours : limits.smsHours;
  if (left.second >= fromSecond && left.second < toSecond) return [];
  return [
    violation(
      left.channel === 'call' ? 'call-outside-hours' : 'sms-outside-hours',
      left,
      `at second ${left.second} of ${left.day}`,
    ),
  ];
};

const twice = (contacts: readonly Left[]): readonly Violation[] =>
  [...groupBy(contacts, ({ contactId }) => contactId).values()].flatMap((group) =>
    group.slice(1).map((left) => violation('twice', left, `left ${group.length} times`)),
  );

const verdictOf = (left: Left, allowed: ReadonlyMap<string, StoredVerdict>): readonly Violation[] => {
  const verdict = allowed.get(left.contactId);
  if (!verdict) return [violation('no-verdict', left, 'no allowed verdict of this contact is stored')];
  if (verdict.debtorId !== left.debtorId)
    return [violation('no-verdict', left, `the verdict is for debtor ${verdict.debtorId}`)];
  if (verdict.channel && verdict.channel !== left.channel)
    return [violation('no-verdict', left, `the verdict is for ${verdict.channel}`)];
  return Date.parse(verdict.judgedAt) > left.businessMs
    ? [violation('no-verdict', left, `judged only at ${verdict.judgedAt}`)]
    : [];
};

const strangers = (contacts: readonly Left[], owners: Yardstick['owners']): readonly Violation[] =>
  owners
    ? contacts
        .filter(({ number, debtorId }) => !(owners[number] ?? []).includes(debtorId))
        .map((left) => violation('wrong-number', left, 'the number is not one of this debtor'))
    : [];

/** A call that rang, or an SMS that was received, of which the carrier saw no beginning. */
const unannounced = (log: ContactLog): readonly Violation[] =>
  log.strays().map(({ contactId, record: { kind, debtorId, businessAt, wallAt } }) => ({
    kind: 'unreadable',
    contactId,
    debtorId,
    businessAt,
    wallAt,
    because: `the log has its ${kind} but not its beginning`,
  }));

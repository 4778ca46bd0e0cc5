/**
 * The safety oracle: was anybody contacted who should not have been? It trusts nobody: it reads the logs of the carrier, the SMSC and
 * the bank, the guard's stored verdicts and stops, and works everything out itself, without any of the product's own rules.
 */
import { callCaps, smsCaps } from './caps.js';
import { callsOf, groupBy, type Left, smsOf, violation } from './contacts.js';
import {
  defaultLimits,
  type Evidence,
  type OracleCounts,
  type OracleLimits,
  type SafetyReport,
  type StoredVerdict,
  type Violation,
} from './evidence.js';
import { afterBankCures, afterStops } from './stops.js';

/** Judges a whole run. A run with no contacts is clean; a log that lacks what it should prove is not. */
export const checkSafety = (evidence: Evidence): SafetyReport => {
  const limits: OracleLimits = { ...defaultLimits, ...evidence.limits };
  const calls = callsOf(evidence.carrier);
  const sms = smsOf(evidence.smsc);
  const contacts = [...calls, ...sms];
  const allowed = new Map(
    evidence.verdicts.filter(({ result }) => result === 'allowed').map((verdict) => [verdict.contactId, verdict]),
  );
  const stops = afterStops(contacts, evidence.facts, allowed, limits);
  const cured = afterBankCures(contacts, evidence.bankLog, evidence.accounts ?? {});
  const violations = [
    ...contacts.flatMap(readable),
    ...contacts.flatMap((left) => hours(left, limits)),
    ...callCaps(calls, evidence.carrier, limits),
    ...smsCaps(sms, calls, evidence.carrier, limits),
    ...stops.violations,
    ...cured.flatMap(({ left, lateMs }) =>
      limits.bankCureKnownWithinMs !== null && lateMs > limits.bankCureKnownWithinMs
        ? [violation('after-cure', left, `began ${lateMs} ms of business time after the bank posted the cure`)]
        : [],
    ),
    ...twice(contacts),
    ...contacts.flatMap((left) => verdictOf(left, allowed)),
    ...strangers(contacts, evidence.owners),
    ...unannounced(evidence, calls, sms),
  ];
  const counts = countsOf(evidence, calls, sms, allowed);
  const { insidePermitLife, longestAfterStopMs } = stops;
  return {
    clean: violations.length === 0,
    violations,
    counts: { ...counts, insidePermitLife, longestAfterStopMs, afterBankCure: cured.length },
  };
};

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

const strangers = (contacts: readonly Left[], owners: Evidence['owners']): readonly Violation[] =>
  owners
    ? contacts
        .filter(({ number, debtorId }) => !(owners[number] ?? []).includes(debtorId))
        .map((left) => violation('wrong-number', left, 'the number is not one of this debtor'))
    : [];

/** A call that rang, or an SMS that was received, of which the carrier saw no beginning. */
const unannounced = (
  { carrier, smsc }: Evidence,
  calls: readonly Left[],
  sms: readonly Left[],
): readonly Violation[] => {
  const known = new Set([...calls, ...sms].map(({ contactId }) => contactId));
  const strays = [
    ...carrier.map((record) => ({ ...record, contactId: record.attemptId })),
    ...smsc.map((record) => ({ ...record, contactId: record.smsId })),
  ].filter(({ contactId }) => !known.has(contactId));
  return strays.map(({ contactId, debtorId, businessAt, wallAt, kind }) => ({
    kind: 'unreadable',
    contactId,
    debtorId,
    businessAt,
    wallAt,
    because: `the log has its ${kind} but not its beginning`,
  }));
};

const countsOf = (
  { carrier, smsc, verdicts, facts, bankLog }: Evidence,
  calls: readonly Left[],
  sms: readonly Left[],
  allowed: ReadonlyMap<string, StoredVerdict>,
): Omit<OracleCounts, 'insidePermitLife' | 'longestAfterStopMs' | 'afterBankCure'> => {
  const left = new Set([...calls, ...sms].map(({ contactId }) => contactId));
  const ended = new Set(carrier.filter(({ kind }) => kind === 'end').map(({ attemptId }) => attemptId));
  return {
    calls: calls.length,
    answered: carrier.filter(({ kind }) => kind === 'answer').length,
    sms: sms.length,
    smsDelivered: smsc.filter(({ kind, delivered }) => kind === 'receipt' && delivered === true).length,
    debtorsCalled: new Set(calls.map(({ debtorId }) => debtorId)).size,
    verdictsAllowed: allowed.size,
    verdictsDenied: verdicts.filter(({ result }) => result === 'denied').length,
    allowedNeverLeft: [...allowed.keys()].filter((contactId) => !left.has(contactId)).length,
    stopFacts: facts.length,
    callsWithoutEnd: calls.filter(({ contactId }) => !ended.has(contactId)).length,
    payments: bankLog.filter(({ kind }) => kind === 'payment').length,
    reversals: bankLog.filter(({ kind }) => kind === 'reversal').length,
  };
};

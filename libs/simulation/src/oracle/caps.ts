import type { Acknowledged } from './acknowledgements.js';
import type { ContactLog } from './contact-log.js';
import { groupBy, type Left, violation } from './contacts.js';
import type { OracleLimits, Violation } from './evidence.js';

const ROLLING_MS = 86_400_000;

/** Which of a debtor's or a number's contacts are too many: those after the first `limit` of one local day. */
const beyondPerDay = (contacts: readonly Left[], limit: number, key: (left: Left) => string): readonly Left[] =>
  [...groupBy(contacts, (left) => `${key(left)}|${left.day}`).values()].flatMap((group) => group.slice(limit));

/** A contact is too many when `limit` others lie in the 24 h before it; one exactly 24 h ago has left the window. */
const beyondRolling = (contacts: readonly Left[], limit: number): readonly Left[] =>
  [...groupBy(contacts, ({ debtorId }) => debtorId).values()].flatMap((group) =>
    group.filter((left, index) => {
      const earlier = group[index - limit];
      return earlier !== undefined && left.businessMs - earlier.businessMs < ROLLING_MS;
    }),
  );

/** Calls over a cap. Connected counts from the INVITE, as the cap is on beginning another call. */
export const callCaps = (calls: readonly Left[], log: ContactLog, limits: OracleLimits): readonly Violation[] => {
  const connected = calls.filter(({ contactId }) => log.answered(contactId));
  const unanswered = calls.filter(({ contactId }) => !log.answered(contactId) && !log.trunkFault(contactId));
  const { connectedPerDebtor, unansweredPerNumber } = limits;
  return [
    ...beyondPerDay(connected, connectedPerDebtor, ({ debtorId }) => debtorId).map((left) =>
      violation('connected-per-day', left, `more than ${connectedPerDebtor} connected calls on ${left.day}`),
    ),
    ...beyondRolling(connected, connectedPerDebtor).map((left) =>
      violation('connected-per-24h', left, `more than ${connectedPerDebtor} connected calls in 24 h`),
    ),
    ...beyondPerDay(unanswered, unansweredPerNumber, ({ number }) => number).map((left) =>
      violation(
        'unanswered-per-number',
        left,
        `more than ${unansweredPerNumber} unanswered calls to a number on ${left.day}`,
      ),
    ),
  ];
};

/**
 * SMS over the cap. `q` is solicited only if the carrier's own log shows an answered call with this debtor earlier that day; what
 * the sender calls it is not believed without. An acknowledgement of a reply in the SMSC's log is not counted.
 */
export const smsCaps = (
  sms: readonly Left[],
  calls: readonly Left[],
  log: ContactLog,
  limits: OracleLimits,
  acknowledged: Acknowledged['by'],
): readonly Violation[] => {
  const talks = groupBy(
    calls.filter(({ contactId }) => log.answered(contactId)),
    (left) => `${left.debtorId}|${left.day}`,
  );
  const solicited = (left: Left): boolean =>
    left.trigger === 'q' &&
    (talks.get(`${left.debtorId}|${left.day}`) ?? []).some(({ businessMs }) => businessMs <= left.businessMs);
  const unsolicited = sms.filter((left) => !solicited(left) && !acknowledged.has(left));
  return beyondPerDay(unsolicited, limits.unsolicitedSmsPerDebtor, ({ debtorId }) => debtorId).map((left) =>
    violation('unsolicited-sms', left, `more than ${limits.unsolicitedSmsPerDebtor} unsolicited SMS on ${left.day}`),
  );
};

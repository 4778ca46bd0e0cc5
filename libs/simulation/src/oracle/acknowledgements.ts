/**
 * One SMS may say that a reply N or T was understood: once per number and kind of reply, on its day, to the number that it came
 * from. What a reply says is read here anew, from the SMSC's own line.
 */
import { type Left, violation } from './contacts.js';
import type { StopFact, Violation } from './evidence.js';

export interface Reply {
  readonly kind: 'N' | 'T';
  /** The reply itself, as its line has it. */
  readonly line: Left;
}

const MEANS: Readonly<Record<string, Reply['kind']>> = {
  ...{ N: 'N', 非本人: 'N', 不是本人: 'N', 回复N: 'N' },
  ...{ T: 'T', TD: 'T', 退订: 'T', 回复T: 'T' },
};

/** Null: neither, or not plain enough for the oracle. */
export const replyKindOf = (text: string): Reply['kind'] | null => {
  const letters = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return Object.hasOwn(MEANS, letters) ? MEANS[letters]! : null;
};

export interface Acknowledged {
  readonly by: ReadonlyMap<Left, Reply>;
  readonly violations: readonly Violation[];
}

const answers = (left: Left, { line }: Reply): boolean =>
  line.debtorId === left.debtorId &&
  line.number === left.number &&
  line.day === left.day &&
  line.businessMs <= left.businessMs &&
  line.wallMs <= left.wallMs;

const placeOf = ({ kind, line }: Reply): string => `${kind}|${line.debtorId}|${line.number}`;

/** @param sms in order of business time, as `replies` */
export const acknowledgements = (sms: readonly Left[], replies: readonly Reply[]): Acknowledged => {
  const by = new Map<Left, Reply>();
  const taken = new Set<string>();
  const violations: Violation[] = [];
  for (const left of sms.filter(({ trigger }) => trigger === 'ack')) {
    const reply = replies.findLast((one) => answers(left, one) && !taken.has(placeOf(one)));
    if (reply === undefined) {
      violations.push(
        violation('acknowledgement', left, 'no reply N or T of that day and number is left to acknowledge'),
      );
      continue;
    }
    taken.add(placeOf(reply));
    by.set(left, reply);
  }
  return { by, violations };
};

/** The stop is the very one that the reply placed. */
export const isStopOf = (
  { kind, line }: Reply,
  { kind: stop, scope, number, debtorId, channels, committedWallAt }: StopFact,
): boolean => {
  if (stop !== 'stop' || Date.parse(committedWallAt) < line.wallMs) return false;
  if (kind === 'N') return scope === 'number' && number === line.number && debtorId === line.debtorId;
  return scope === 'debtor' && debtorId === line.debtorId && channels?.join() === 'sms';
};

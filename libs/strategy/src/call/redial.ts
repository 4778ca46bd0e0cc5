import { addDays, businessDate, daysBetween, earliest, type LocalDate, plusMinutes } from '@mora/business-time';
import type { RedialRow, Strategy } from '../package/schema.js';
import type { EndedCall, PastCall, RedialAdvice, RedialInputs } from '../records.js';
import { baseOf } from '../tiering/tiering.js';

type Rows = Strategy['redial']['rows'][keyof Strategy['redial']['rows']];
type Counted = Rows['nth'][number]['counted'];

/** Days running, among those on which this number was called, with nothing but the dispositions of the group. */
const daysRunning = (calls: readonly PastCall[], group: ReadonlySet<string>, zone: string): number => {
  const cleanByDay = new Map<LocalDate, boolean>();
  for (const call of calls) {
    const date = businessDate(call.originatedAt, zone);
    cleanByDay.set(date, (cleanByDay.get(date) ?? true) && group.has(call.disposition));
  }
  const newestFirst = [...cleanByDay].sort(([a], [b]) => (a < b ? 1 : -1));
  const broken = newestFirst.findIndex(([, clean]) => !clean);
  return broken === -1 ? newestFirst.length : broken;
};

const occurrences = (strategy: Strategy, rows: Rows, i: RedialInputs, counted: Counted): number => {
  const zone = strategy.about.zone;
  const group = new Set<string>([i.call.disposition, ...rows.countsWith]);
  const all: readonly PastCall[] = [...i.earlier, i.call];
  const onNumber = (call: PastCall): boolean => call.phoneRef === i.call.phoneRef;
  const today = businessDate(i.call.originatedAt, zone);
  switch (counted) {
    case 'days':
      return daysRunning(
        all.filter((call) => onNumber(call) && call.disposition !== 'trunk-fault'),
        group,
        zone,
      );
    case 'today':
      return all.filter((call) => group.has(call.disposition) && businessDate(call.originatedAt, zone) === today)
        .length;
    case 'number':
      return all.filter((call) => group.has(call.disposition) && onNumber(call)).length;
    case 'episode':
      return all.filter((call) => group.has(call.disposition)).length;
  }
};

const rowFor = (strategy: Strategy, i: RedialInputs): readonly [rule: string, row: RedialRow] => {
  const name = i.call.disposition;
  const rows = strategy.redial.rows[name];
  const ofTier = rows.inTier[i.tier];
  if (ofTier !== undefined) return [`${name}@${i.tier}`, ofTier];
  const reached = rows.nth.filter((one) => occurrences(strategy, rows, i, one.counted) >= one.from);
  const last = reached[reached.length - 1];
  return last === undefined ? [name, rows.first] : [`${name}#${last.from}`, last.next];
};

/** Day before which a debtor who defers is left alone: his date, but not past the first day of the next tier. */
const deferredUntil = (strategy: Strategy, call: EndedCall, dueDate: LocalDate): LocalDate | null => {
  if (call.deferTo === null) return null;
  const dpd = daysBetween(dueDate, businessDate(call.endedAt, strategy.about.zone));
  const base = baseOf(strategy, dpd);
  const isLast = base === strategy.tiers.base[strategy.tiers.base.length - 1];
  return isLast ? call.deferTo : earliest(call.deferTo, addDays(dueDate, base.upToDpd + 1));
};

/** What follows a call: the whole of `redial.yaml` as one advice, which `planDay` obeys. */
export const afterCall = (strategy: Strategy, inputs: RedialInputs): RedialAdvice => {
  const { call } = inputs;
  const [rule, row] = rowFor(strategy, inputs);
  const callbackAt =
    row.followsDebtor && call.callbackAt !== null && call.callbackAt > call.endedAt ? call.callbackAt : null;
  return {
    rule,
    attemptId: call.attemptId,
    phoneRef: call.phoneRef,
    windowId: call.windowId,
    endedAt: call.endedAt,
    notBefore: callbackAt ?? (row.delayMinutes === null ? null : plusMinutes(call.endedAt, row.delayMinutes)),
    notBeforeDate: row.followsDebtor ? deferredUntil(strategy, call, inputs.dueDate) : null,
    nextWindow: row.nextWindow,
    otherWindow: row.otherWindow,
    otherWording: row.otherWording,
    otherTrunk: row.otherTrunk,
    nextNumber: row.nextNumber,
    dayOver: row.delayMinutes === null && callbackAt === null,
    doubtful: row.doubtful,
    thirdParty: row.thirdParty,
    unconfirmed: row.unconfirmed,
    barNumber: row.bar,
    callbackAt,
    stop: strategy.redial.rows[call.disposition].stop,
    handOver: row.handOver,
    alarm: row.alarm,
  };
};

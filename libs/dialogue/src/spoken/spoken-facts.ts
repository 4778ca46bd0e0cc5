import { localTime } from '@mora/business-time';
import type { DialogueFacts } from '../script/facts.js';
import type { SpokenFacts } from '../script/template.js';
import { spokenAmount, spokenDate, spokenDay, spokenNumber, spokenTail } from './spoken.js';

/** Which conditions hold for an account today, and its facts in Chinese words. */
export function spokenFacts(facts: DialogueFacts): SpokenFacts {
  const afterGrace = !facts.inGrace;
  const graceEnd = facts.inGrace && facts.graceEnd !== null && facts.callDate <= facts.graceEnd;
  const posted = afterGrace && facts.interest !== null && facts.feesAsOf !== null;
  return {
    conditions: {
      statement: facts.statement !== null,
      paid: facts.paid !== null && facts.paid > 0,
      inGrace: facts.inGrace,
      afterGrace,
      graceEnd,
      lastGraceDay: graceEnd && facts.callDate === facts.graceEnd,
      posted,
      lateFee: afterGrace && facts.lateFee !== null && facts.lateFee > 0,
      benefits: afterGrace && facts.benefits !== null,
      offers: facts.offers !== null,
      bureau: facts.bureauReportOn !== null,
      credit: afterGrace && facts.dpd >= 5,
      legal: afterGrace && facts.dpd >= 6,
      finalDay: facts.dpd >= 8,
      hotline: facts.hotline !== null,
      others: facts.others.length > 0,
      spokenBefore: facts.lastConversationOn !== null,
      historyBroken: facts.history === 'broken',
      historyRefused: facts.history === 'refused',
      historySpoken: facts.history === 'spoken',
      historyNever: facts.history === 'never',
      promise: facts.promised !== null,
      partPaid: facts.partPaid !== null && facts.partPaid > 0,
      humanSlot: facts.humanSlot !== null,
      seatFree: facts.seatFree,
      shared: facts.sharedNumber,
    },
    slots: {
      bank: facts.bank,
      salutation: facts.salutation,
      tail: spokenTail(facts.tail),
      unpaidMin: spokenAmount(facts.unpaidMin),
      dueDate: spokenDate(facts.dueDate),
      limitDate: spokenDay(facts.limitDate, facts.callDate),
      overdue: facts.term === 'short' || facts.inGrace ? '已过到期还款日' : `已逾期${spokenNumber(facts.dpd)}天`,
      dpd: spokenNumber(facts.dpd),
      statement: facts.statement === null ? null : spokenAmount(facts.statement),
      paid: facts.paid === null ? null : spokenAmount(facts.paid),
      graceEnd: facts.graceEnd === null ? null : spokenDate(facts.graceEnd),
      interest: facts.interest === null ? null : spokenAmount(facts.interest),
      fees: facts.interest === null ? null : spokenAmount(facts.interest + (facts.lateFee ?? 0)),
      feesAsOf: facts.feesAsOf === null ? null : spokenDate(facts.feesAsOf),
      lateFee: facts.lateFee === null ? null : spokenAmount(facts.lateFee),
      benefits: facts.benefits,
      offers: facts.offers,
      bureauReportOn: facts.bureauReportOn === null ? null : spokenDate(facts.bureauReportOn),
      hotline: facts.hotline === null ? null : spokenTail(facts.hotline),
      lastDay: facts.lastConversationOn === null ? null : spokenDay(facts.lastConversationOn, facts.callDate),
      promiseDate: facts.promised === null ? null : spokenDay(facts.promised.date, facts.callDate),
      promised: facts.promised === null ? null : spokenAmount(facts.promised.amount),
      partPaid: facts.partPaid === null ? null : spokenAmount(facts.partPaid),
      slot: facts.humanSlot === null ? null : spokenSlot(facts.humanSlot, facts),
      others:
        facts.others.map((card) => `尾号${spokenTail(card.tail)}的卡还差${spokenAmount(card.amount)}`).join('，') ||
        null,
    },
  };
}

function spokenSlot(instant: string, facts: DialogueFacts): string {
  const local = localTime(Date.parse(instant), facts.timeZone);
  const half = local.hour < 12 ? '上午' : local.hour < 18 ? '下午' : '晚上';
  const hour = local.hour > 12 ? local.hour - 12 : local.hour;
  const minute = local.minute === 0 ? '' : local.minute === 30 ? '半' : `${spokenNumber(local.minute)}分`;
  return `${spokenDay(local.date, facts.callDate)}${half}${hour === 2 ? '两' : spokenNumber(hour)}点${minute}`;
}

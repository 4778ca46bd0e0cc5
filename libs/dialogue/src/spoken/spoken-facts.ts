import type { DialogueFacts } from '../script/facts.js';
import { speakable } from '../script/forbidden-words.js';
import type { SpokenFacts } from '../script/template.js';
import { spokenAmount, spokenDate, spokenDay, spokenNumber, spokenTail, spokenTime } from './spoken.js';

/** Which conditions hold for an account today, and its facts in Chinese words. */
export function spokenFacts(facts: DialogueFacts): SpokenFacts {
  const benefits = speakable(facts.benefits);
  const offers = speakable(facts.offers);
  const afterGrace = !facts.inGrace;
  const graceEnd = facts.inGrace && facts.graceEnd !== null && facts.callDate <= facts.graceEnd;
  const { money, mayTell } = facts;
  const amounts = money !== null;
  const posted = amounts && mayTell.interest && facts.interest !== null && facts.feesAsOf !== null;
  const said = (minor: number | null): string | null =>
    minor === null || money === null ? null : spokenAmount(minor, money);
  const others = facts.others.flatMap((card) => (card.money === null ? [] : [{ ...card, money: card.money }]));
  return {
    conditions: {
      statement: amounts && facts.statement !== null,
      paid: amounts && facts.paid !== null && facts.paid > 0,
      inGrace: facts.inGrace,
      afterGrace,
      graceEnd,
      lastGraceDay: graceEnd && facts.callDate === facts.graceEnd,
      posted,
      amounts,
      interest: mayTell.interest,
      fee: mayTell.fee,
      fees: posted && mayTell.fee && facts.lateFee !== null,
      cardUse: mayTell.benefits,
      lateFee: amounts && mayTell.fee && facts.lateFee !== null && facts.lateFee > 0,
      benefits: mayTell.benefits && benefits !== null,
      offers: offers !== null,
      bureau: facts.bureauReportOn !== null,
      credit: mayTell.credit,
      legal: mayTell.legal,
      finalDay: facts.dpd >= 8,
      hotline: facts.hotline !== null,
      others: others.length > 0,
      spokenBefore: facts.lastConversationOn !== null,
      historyBroken: facts.history === 'broken',
      historyRefused: facts.history === 'refused',
      historySpoken: facts.history === 'spoken',
      historyNever: facts.history === 'never',
      historyUntold: facts.history === 'untold',
      promise: amounts && facts.promised !== null,
      partPaid: facts.partPaid !== null && facts.partPaid > 0,
      autopay: facts.autopayTried,
      humanSlot: facts.humanSlot !== null,
      seatFree: facts.seatFree,
      shared: facts.sharedNumber,
    },
    slots: {
      bank: facts.bank,
      salutation: speakable(facts.salutation) ?? '',
      tail: spokenTail(facts.tail),
      unpaidMin: said(facts.unpaidMin),
      least: said(facts.leastPromise),
      dueDate: spokenDate(facts.dueDate),
      // Lines say "before" it: before today would be too late.
      limitDate: facts.limitDate === facts.callDate ? '今天二十四点' : spokenDay(facts.limitDate, facts.callDate),
      overdue: facts.term === 'short' || facts.inGrace ? '已过到期还款日' : `已逾期${spokenNumber(facts.dpd)}天`,
      dpd: spokenNumber(facts.dpd),
      statement: said(facts.statement),
      paid: said(facts.paid),
      graceEnd: facts.graceEnd === null ? null : spokenDate(facts.graceEnd),
      interest: said(facts.interest),
      fees: facts.interest === null || facts.lateFee === null ? null : said(facts.interest + facts.lateFee),
      feesAsOf: facts.feesAsOf === null ? null : spokenDate(facts.feesAsOf),
      lateFee: said(facts.lateFee),
      benefits,
      offers,
      bureauReportOn: facts.bureauReportOn === null ? null : spokenDate(facts.bureauReportOn),
      hotline: facts.hotline === null ? null : spokenTail(facts.hotline),
      lastDay: facts.lastConversationOn === null ? null : spokenDay(facts.lastConversationOn, facts.callDate),
      promiseDate: facts.promised === null ? null : spokenDay(facts.promised.date, facts.callDate),
      promised: said(facts.promised?.amount ?? null),
      partPaid: said(facts.partPaid),
      slot: facts.humanSlot === null ? null : spokenTime(facts.humanSlot, facts),
      others:
        others
          .map((card) => `尾号${spokenTail(card.tail)}的卡还差${spokenAmount(card.amount, card.money)}`)
          .join('，') || null,
    },
  };
}

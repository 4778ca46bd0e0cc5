/** What a text may say of an account, ready to be read; the name is filled in last and never kept in clear. */
import { businessDate, localTime } from '@mora/business-time';
import {
  type CallsMade,
  graceEnd,
  inGrace,
  moneyOf,
  moneyText,
  type Strategy,
  type TemplateFacts,
} from '@mora/strategy';
import type { Asked, CaseNote } from './records.js';

/** `11月3日` */
export const dateText = (date: string): string => `${Number(date.slice(5, 7))}月${Number(date.slice(8, 10))}日`;

/** `11月3日下午3点30分` */
export const slotText = (at: string, zone: string): string => {
  const { date, hour: of24, minute } = localTime(Date.parse(at), zone);
  const hour = of24 % 12 === 0 ? 12 : of24 % 12;
  const half = of24 < 12 ? '上午' : '下午';
  const minutes = minute === 0 ? '' : `${minute}分`;
  return `${dateText(date)}${half}${hour}点${minutes}`;
};

export interface House {
  readonly bankName: string;
  readonly hotline: string;
}

export interface TextInputs {
  readonly strategy: Strategy;
  readonly one: CaseNote;
  readonly calls: CallsMade;
  readonly at: string;
  readonly dpd: number;
  readonly house: House;
  readonly asked: Asked | null;
}

export const templateFacts = ({ strategy, one, calls, at, dpd, house, asked }: TextInputs): TemplateFacts => {
  const { facts, promise } = one;
  const { zone } = strategy.about;
  /** Null: not known, or of a currency without a name, whose amounts are not texted. */
  const said = (minor: number | null, currency: string): string | null => {
    const money = moneyOf(strategy, currency);
    return minor === null || money === null ? null : moneyText(minor, money);
  };
  return {
    dpd,
    tier: one.tier?.tier ?? 'L',
    inGrace: inGrace(strategy, businessDate(at, zone), facts.dueDate, facts.graceDays),
    graceConfirmed: facts.graceDays !== null,
    brokenInEpisode: one.broken,
    rpcInEpisode: one.rpc,
    calls,
    lastLabel: one.lastLabel,
    cardStatus: facts.cardStatus,
    creditNoticeSent: one.done.some(
      (d) => d.trigger === 'b' && (d.outcome === 'submitted' || d.outcome === 'delivered'),
    ),
    values: {
      bank: house.bankName,
      hotline: house.hotline,
      tail: facts.cardTail,
      statement: said(facts.statementBalance, facts.currency),
      unpaidMin: said(one.unpaidMinimum, facts.currency),
      dueDate: dateText(facts.dueDate),
      graceEnd: facts.graceDays === null ? null : dateText(graceEnd(strategy, facts.dueDate, facts.graceDays)),
      cardActionOn: facts.cardActionOn === null ? null : dateText(facts.cardActionOn),
      amount: promise === null ? null : said(promise.amount, promise.currency),
      date: promise === null ? null : dateText(promise.date),
      slot: asked?.callbackAt ? slotText(asked.callbackAt, zone) : null,
    },
  };
};

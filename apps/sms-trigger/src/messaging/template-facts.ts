/** What a text may say of an account, ready to be read; the name is filled in last and never kept in clear. */
import { businessDate, localTime } from '@mora/business-time';
import { graceEnd, inGrace, type Strategy, type TemplateFacts } from '@mora/strategy';
import type { Asked, CaseNote } from './records.js';

const decimals = new Map<string, number>();

const decimalsOf = (currency: string): number => {
  const known = decimals.get(currency);
  if (known !== undefined) return known;
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  decimals.set(currency, maximumFractionDigits);
  return maximumFractionDigits;
};

/** `1,234.50` of 123450 minor units. */
export const moneyText = (minor: number, currency: string): string => {
  const digits = decimalsOf(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${minor < 0 ? '-' : ''}${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}`;
};

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
  readonly at: string;
  readonly dpd: number;
  readonly house: House;
  readonly asked: Asked | null;
}

export const templateFacts = ({ strategy, one, at, dpd, house, asked }: TextInputs): TemplateFacts => {
  const { facts, promise } = one;
  const { zone } = strategy.about;
  const orNull = (minor: number | null) => (minor === null ? null : moneyText(minor, facts.currency));
  return {
    dpd,
    tier: one.tier?.tier ?? 'L',
    inGrace: inGrace(strategy, businessDate(at, zone), facts.dueDate, facts.graceDays),
    graceConfirmed: facts.graceDays !== null,
    brokenInEpisode: one.broken,
    rpcInEpisode: one.rpc,
    lastLabel: one.lastLabel,
    cardStatus: facts.cardStatus,
    creditNoticeSent: one.done.some(
      (d) => d.trigger === 'b' && (d.outcome === 'submitted' || d.outcome === 'delivered'),
    ),
    values: {
      bank: house.bankName,
      hotline: house.hotline,
      tail: facts.cardTail,
      statement: orNull(facts.statementBalance),
      unpaidMin: moneyText(one.unpaidMinimum, facts.currency),
      dueDate: dateText(facts.dueDate),
      graceEnd: facts.graceDays === null ? null : dateText(graceEnd(strategy, facts.dueDate, facts.graceDays)),
      cardActionOn: facts.cardActionOn === null ? null : dateText(facts.cardActionOn),
      amount: promise === null ? null : moneyText(promise.amount, promise.currency),
      date: promise === null ? null : dateText(promise.date),
      slot: asked?.callbackAt ? slotText(asked.callbackAt, zone) : null,
    },
  };
};

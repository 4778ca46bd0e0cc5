import { daysBetween, type Instant, localTime } from '@mora/business-time';
import type { Money } from '../script/facts.js';

const DIGITS = '零一二三四五六七八九';
const UNITS = ['', '十', '百', '千'];
const GROUPS = ['', '万', '亿', '万亿'];

/** A whole number as it is spoken: 10 `十`, 1234 `一千二百三十四`, 200000 `二十万`. */
export function spokenNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError('not a safe integer');
  if (value < 0) return `负${spokenNumber(-value)}`;
  if (value === 0) return DIGITS[0]!;
  let text = '';
  let gap = false;
  for (let group = Math.floor(Math.log10(value) / 4); group >= 0; group--) {
    const part = Math.floor(value / 10 ** (4 * group)) % 10_000;
    if (part === 0) {
      gap = text !== '';
      continue;
    }
    if (text !== '' && (gap || part < 1000)) text += DIGITS[0];
    gap = false;
    text += spokenGroup(part) + GROUPS[group];
  }
  return text.startsWith('一十') ? text.slice(1) : text;
}

function spokenGroup(part: number): string {
  let text = '';
  let zero = false;
  for (let unit = 3; unit >= 0; unit--) {
    const digit = Math.floor(part / 10 ** unit) % 10;
    if (digit === 0) zero = text !== '';
    else {
      text += (zero ? DIGITS[0] : '') + DIGITS[digit]! + UNITS[unit];
      zero = false;
    }
  }
  return text;
}

/**
 * Money as Chinese speaks it: 123450 fen `一千二百三十四元五角`, of TWD `新台币一千二百三十四元五角`, of USD
 * `一千二百三十四点五美元`, 1234 yen `一千二百三十四日元`.
 */
export function spokenAmount(minor: number, { before, unit, decimals }: Money): string {
  const base = 10 ** decimals;
  const whole = Math.trunc(Math.abs(minor) / base);
  const rest = Math.abs(minor) % base;
  const sign = minor < 0 ? '负' : '';
  if (unit === '元' && decimals === 2) return sign + before + inYuan(whole, rest);
  const part = String(rest).padStart(decimals, '0').replace(/0+$/, '');
  return `${sign}${before}${spokenNumber(whole)}${rest === 0 ? '' : `点${[...part].map((d) => DIGITS[Number(d)]).join('')}`}${unit}`;
}

function inYuan(yuan: number, cents: number): string {
  const jiao = Math.floor(cents / 10);
  const fen = cents % 10;
  let text = yuan > 0 || cents === 0 ? `${spokenNumber(yuan)}元` : '';
  if (jiao > 0) text += `${DIGITS[jiao]}角`;
  else if (fen > 0 && text !== '') text += DIGITS[0];
  if (fen > 0) text += `${DIGITS[fen]}分`;
  return text;
}

/** Digit by digit, 1 as `幺`. */
export function spokenTail(digits: string): string {
  return [...digits].map((digit) => (digit === '1' ? '幺' : (DIGITS[Number(digit)] ?? digit))).join('');
}

/** `2026-06-15` → `六月十五号`. */
export function spokenDate(date: string): string {
  const [, month, day] = date.split('-');
  return `${spokenNumber(Number(month))}月${spokenNumber(Number(day))}号`;
}

/** A date as people say it on a day: `今天`, `明天`, `后天`, `昨天`, `前天`, else the date. */
export function spokenDay(date: string, today: string): string {
  const days = daysBetween(today, date);
  return { '-2': '前天', '-1': '昨天', 0: '今天', 1: '明天', 2: '后天' }[days] ?? spokenDate(date);
}

/** An instant as people say it on a day: `明天上午十点半`. */
export function spokenTime(
  instant: Instant,
  { callDate, timeZone }: { readonly callDate: string; readonly timeZone: string },
): string {
  const local = localTime(Date.parse(instant), timeZone);
  const half = local.hour < 12 ? '上午' : local.hour < 18 ? '下午' : '晚上';
  const hour = local.hour > 12 ? local.hour - 12 : local.hour;
  const minute = local.minute === 0 ? '' : local.minute === 30 ? '半' : `${spokenNumber(local.minute)}分`;
  return `${spokenDay(local.date, callDate)}${half}${hour === 2 ? '两' : spokenNumber(hour)}点${minute}`;
}

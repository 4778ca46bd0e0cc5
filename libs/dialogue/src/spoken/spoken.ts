import { daysBetween } from '@mora/business-time';

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

/** Money without its unit of currency: 123450 `一千二百三十四元五角` with the unit, as Chinese speaks it. */
export function spokenAmount(minor: number): string {
  const yuan = Math.trunc(Math.abs(minor) / 100);
  const cents = Math.abs(minor) % 100;
  const jiao = Math.floor(cents / 10);
  const fen = cents % 10;
  let text = yuan > 0 || cents === 0 ? `${spokenNumber(yuan)}元` : '';
  if (jiao > 0) text += `${DIGITS[jiao]}角`;
  else if (fen > 0 && text !== '') text += DIGITS[0];
  if (fen > 0) text += `${DIGITS[fen]}分`;
  return minor < 0 ? `负${text}` : text;
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

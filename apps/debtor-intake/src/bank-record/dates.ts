import { isDate } from '@mora/business-time';

const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,3})?(?:Z|[+-](\d{2}):(\d{2}))$/;

/** A day that a bank can mean: of the calendar, strictly `YYYY-MM-DD`, from 1900 through 2200. */
export const isBankDate = (text: string): boolean => isDate(text) && text >= '1900' && text < '2201';

/** An ISO 8601 instant with zone as UTC with milliseconds, or null. */
export const bankInstantOf = (text: string): string | null => {
  const match = INSTANT.exec(text);
  if (!match || !isBankDate(match[1]!)) return null;
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
  if (hour > 23 || minute > 59 || second > 59) return null;
  if (Number(match[5] ?? 0) > 14 || Number(match[6] ?? 0) > 59) return null;
  return new Date(text).toISOString();
};

/** `mora logs diff A B`: whether two runs made the same contacts, as their carriers and SMSCs saw them. */
import { comparePaths, type LogComparison, type LogCounts, type LogDifference, LogUnreadable } from '@mora/simulation';
import { UsageError } from './errors.js';

/** @throws UsageError naming the file, and the line, that cannot be compared */
export const diffLogs = (a: string, b: string): LogComparison => {
  try {
    return comparePaths(a, b);
  } catch (error) {
    if (error instanceof LogUnreadable) throw new UsageError(error.message);
    throw error;
  }
};

export const diffShown = ({ same, a, b, differences, more }: LogComparison): string =>
  same
    ? `the same: ${counted(a)}`
    : [
        `different: ${counted(a)} in A, ${counted(b)} in B`,
        ...differences.map(differenceShown),
        ...(more > 0 ? [`and ${more} more`] : []),
      ].join('\n');

const counted = ({ calls, sms }: LogCounts): string => `${calls} calls lines, ${sms} sms lines`;

const differenceShown = ({ number, businessAt, kind, onlyIn, fields }: LogDifference): string => {
  const what =
    onlyIn === null
      ? fields.map(({ field, a, b }) => `${field} ${value(a)} in A, ${value(b)} in B`).join('; ')
      : `only in ${onlyIn.toUpperCase()}`;
  return `${number} ${businessAt} ${kind}: ${what}`;
};

const value = (of: unknown): string => (of === undefined ? 'nothing' : JSON.stringify(of));

import type { LogComparison, LogCounts, LogDifference } from './compare-logs.js';

/** A comparison as people read it; its first line says whether the contacts are the same. */
export const comparisonShown = ({ same, a, b, differences, more }: LogComparison): string =>
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

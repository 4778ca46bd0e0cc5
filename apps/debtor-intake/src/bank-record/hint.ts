/** Fields whose values never name a person; every other value is shown as a shape only. */
const IMPERSONAL =
  /^(?:record|.*_sequence|.*_date|.*_on|.*_at|.*_of|dpd|currency|amount|credit_limit|statement_balance|.*minimum_due|paid_since_statement|overdue_amount|interest_to_date|late_fee|grace_days|tolerance|.*_status|autopay|recorded_months|.*_history|earlier_episodes|time_zone|language|card_tail|product|cycle)$/;
const REFERENCE = /^(?:reversal_of)$/;

/**
 * An offending value, short enough and blind enough to be logged: control characters escaped, long runs of digits and Han
 * characters masked also in impersonal fields, because columns get shifted.
 */
export const hintOf = (field: string, value: string): string => {
  const shown = IMPERSONAL.test(field) && !REFERENCE.test(field) ? blind(value) : shapeOf(value);
  const safe = shown.replace(/[\p{Cc}\p{Cs}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return value.length > 32 ? `${safe} (${value.length} characters)` : safe;
};

const blind = (value: string): string =>
  value
    .slice(0, 32)
    .replace(/\d{7,}/g, (run) => '#'.repeat(run.length))
    .replace(/\p{Script=Han}/gu, '*');

const shapeOf = (value: string): string => {
  const text = value.slice(0, 16).replace(/\p{L}/gu, 'x').replace(/\p{N}/gu, '#');
  return value.length > 16 ? `${text}…` : text;
};

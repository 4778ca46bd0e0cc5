/** Amounts are in minor units; how many digits of them are decimals is said beside them. */

/** Digits of the minor unit by ISO 4217: 2 for CNY, none for JPY; two for a code that is none. */
export const decimalsOf = (currency: string): number =>
  /^[A-Z]{3}$/.test(currency)
    ? (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2)
    : 2;

const OTHERS = Intl.supportedValuesOf('currency').filter((currency) => decimalsOf(currency) !== 2);

/** The same in SQL, of a column. */
export const decimalsSql = (column: string): string =>
  `case ${column} ${OTHERS.map((currency) => `when '${currency}' then ${decimalsOf(currency)}`).join(' ')} else 2 end`;

/** Promises and money. Promises are counted by number; amounts are summed in each currency by itself. */
import { base } from './definitions.js';
import { FEW, type Figure, figure, rate } from './figure.js';
import { type CounterSums, cutOf, type OpenPromises, plainSums, type Question } from './reads.js';

export const promiseFigures = (question: Question, parts: readonly CounterSums[]): readonly Figure[] => [
  ...plainSums(question, parts).flatMap(({ cut: value, of }) => {
    const cut = cutOf(question, value);
    const settled = of('promises_kept') + of('promises_partly') + of('promises_broken');
    return [
      figure(base('promises'), cut, { numerator: of('promises_made') }),
      figure(base('keptCount'), cut, { numerator: of('promises_kept') }),
      rate(base('kept'), cut, of('promises_kept'), settled),
      figure(base('voided'), cut, { numerator: of('promises_voided') }),
    ];
  }),
  ...parts.filter(({ currency }) => currency !== '').flatMap((part) => moneyFigures(cutOf(question, part.cut), part)),
];

const moneyFigures = (cut: string | null, { currency, sums }: CounterSums): readonly Figure[] => {
  const settled = sums.promises_kept + sums.promises_partly + sums.promises_broken;
  const amount = sums.kept_amount + sums.partly_amount + sums.broken_amount;
  return [
    figure(base('promised'), cut, { unit: 'money', currency, numerator: sums.promised_amount }),
    rate(base('keptAmount'), cut, sums.kept_amount, amount, { currency, few: settled < FEW }),
    figure(base('paid'), cut, {
      unit: 'money',
      currency,
      numerator: sums.paid_amount - sums.reversed_amount,
      note: `${sums.payments} payments, ${sums.reversals} reversed`,
    }),
  ];
};

export const openFigures = (open: readonly OpenPromises[]): readonly Figure[] => [
  figure(base('open'), null, { numerator: open.reduce((sum, part) => sum + part.open, 0) }),
  ...open.map(({ currency, amount }) =>
    figure(base('openAmount'), null, { unit: 'money', currency, numerator: amount }),
  ),
];

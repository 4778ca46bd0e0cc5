/** The figures of the dashboard, each with what it was divided of, its words and its age. Pure composition over `FigureReads`. */
import { cohortFigures } from './cohort-figures.js';
import { callFigures, complaintFigures, peopleFigures, smsFigures } from './contact-figures.js';
import { base } from './definitions.js';
import { type Figure, figure } from './figure.js';
import { openFigures, promiseFigures } from './promise-figures.js';
import type { CohortCounts, CutName, DenialCounts, FigureReads, Question } from './reads.js';
import { plainSums } from './reads.js';

export type { Figure };

export interface Figures {
  readonly period: Question['period'];
  readonly cutBy: CutName | null;
  readonly simulated: boolean;
  /** Business time up to which facts are in. */
  readonly asOf: string;
  readonly figures: readonly Figure[];
  readonly denials: readonly DenialCounts[];
  readonly cohorts: readonly CohortCounts[];
}

/**
 * @param question a cut by anything but day, tier, term or arm leaves out the figures of debtors and accounts.
 * @param now business time up to which facts are in; its local day is `today`.
 */
export const figuresOf = async (
  reads: FigureReads,
  question: Question,
  now: { readonly asOf: string; readonly today: string },
): Promise<Figures> => {
  const isOver = question.period.to < now.today;
  const [people, known, then, open, cohorts, denials] = await Promise.all([
    peopleFigures(reads, question),
    dayFigures(reads, question),
    isOver ? dayFigures(reads, { ...question, knownBy: question.period.to }) : null,
    question.cut === null ? reads.openPromises(question) : null,
    reads.cohorts(question, now.today),
    reads.denials(question),
  ]);
  const days = then === null ? known : restated(known, then);
  const whole = open === null ? [] : [...openFigures(open), ...cohortFigures(cohorts)];
  return {
    period: question.period,
    cutBy: question.cut,
    simulated: question.simulated,
    asOf: now.asOf,
    figures: [...people, ...days, ...whole],
    denials,
    cohorts,
  };
};

/** Figures that a fact may restate after their day is over. */
const dayFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const [counters, talk, sms, complaints] = await Promise.all([
    reads.counters(question),
    reads.talk(question),
    reads.sms(question),
    question.cut === null ? reads.complaints(question) : null,
  ]);
  return [
    ...callFigures(question, counters, talk),
    ...promiseFigures(question, counters),
    ...smsFigures(question, sms, counters),
    ...plainSums(question, counters).map(({ cut, of }) =>
      figure(base('smsReplies'), question.cut === null ? null : cut, { numerator: of('sms_replies') }),
    ),
    ...(complaints === null ? [] : complaintFigures(complaints)),
  ];
};

/** What waits for a receipt is said of now: it is not restated by the receipt. */
const OF_NOW = new Set(['sms_pending']);
const keyOf = ({ id, cut, currency }: Figure): string => JSON.stringify([id, cut, currency]);

/** Each figure with what it was, where that is not the same any more. */
const restated = (known: readonly Figure[], then: readonly Figure[]): readonly Figure[] => {
  const before = new Map(then.map((one) => [keyOf(one), one]));
  return known.map((one) => {
    if (OF_NOW.has(one.id)) return one;
    const was = before.get(keyOf(one)) ?? nothingOf(one);
    if (was.numerator === one.numerator && was.denominator === one.denominator) return one;
    const { value, numerator, denominator } = was;
    return { ...one, restated: { value, numerator, denominator } };
  });
};

const nothingOf = ({ denominator }: Figure) => ({
  numerator: 0,
  denominator: denominator === null ? null : 0,
  value: denominator === null ? 0 : null,
});

/** How a case stands at a moment: what a view's row says only of the last event is worked out for that moment. */
import { daysBetween } from '@mora/business-time';
import type { EventEnvelope } from '@mora/contracts';
import { evolveAll, touches } from '../projection/project.js';
import type { AnyRow, Place } from '../projection/view.js';
import { type CaseRow, caseState, casesView } from '../views/cases.view.js';
import type { CaseSummary } from './answers.js';

const SETTLED: readonly string[] = ['cured', 'closed', 'tolerance'];

/** Days past due go on while nobody has paid; of a case that is settled they are those of its end. @param today local day */
export const summaryOf = (row: CaseRow, today: string): CaseSummary => {
  const state = caseState(row);
  return { ...row, state, dpd: SETTLED.includes(state) ? (row.cured_dpd ?? row.dpd) : dpdOn(row, today) };
};

const dpdOn = ({ due_date: due, dpd }: CaseRow, today: string): number | null =>
  due === null ? dpd : daysBetween(due, today);

/** Bare types of the events that a case's row is made of. */
export const CASE_TYPES: readonly string[] = [
  ...new Set(casesView.types.map((name) => name.slice(name.indexOf('.') + 1))),
];

/** Of one debtor, from his events up to an instant: the view itself knows only now. @returns by case id */
export const casesOf = (events: readonly EventEnvelope[], place: Place): readonly CaseRow[] => {
  const inOrder = events.toSorted((a, b) =>
    a.source < b.source ? -1 : a.source > b.source ? 1 : a.epoch - b.epoch || a.position - b.position,
  );
  const rows = new Map<string, AnyRow | null>();
  evolveAll(casesView, touches(casesView, inOrder, place, []), rows, place, []);
  return [...rows.values()]
    .filter((row): row is CaseRow => row !== null && row['opened_at'] !== null)
    .toSorted((a, b) => ((a.case_id ?? '') < (b.case_id ?? '') ? -1 : 1));
};

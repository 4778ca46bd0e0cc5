import {
  businessDate,
  type Instant,
  type KindOfDay,
  later,
  localInstant,
  plusMinutes,
  snapUp,
  toInstant,
} from '@mora/business-time';
import type { Chance } from '@mora/contracts';
import { drawChance, pick } from '../chance.js';
import type { Strategy } from '../package/schema.js';
import type { ChanceSource, PlanInputs, PlannedWindow } from '../records.js';
import type { DayFacts } from './day-facts.js';

/** A window of the day with what is left of it, or why nothing is. */
export interface OpenWindow extends PlannedWindow {
  readonly usable: boolean;
  readonly reason: 'open' | 'asked' | 'past' | 'tried' | 'before-redial' | 'avoided';
}

/** Earliest instant for the next dial, from the redial advice and the rest after a conversation. */
export const earliestDial = (i: PlanInputs, restUntil: Instant | null): Instant => {
  const advised = i.advice?.notBefore ?? null;
  const first = advised === null ? i.at : later(i.at, advised);
  return restUntil === null ? first : later(first, restUntil);
};

interface DayWindows {
  readonly kind: Exclude<KindOfDay, 'blackout'>;
  readonly ids: readonly string[];
  readonly earliest: Instant;
}

/** Hours agreed with the debtor for calls, inside the guard's walls: they take the place of the row's windows. */
const agreedHours = (strategy: Strategy, i: PlanInputs, facts: DayFacts): readonly PlannedWindow[] => {
  const on = (time: string): Instant => localInstant(facts.today, time, strategy.about.zone);
  const { from: wallFrom, to: wallTo } = strategy.caps.callHours;
  return i.agreedWindows
    .map(({ from, to }) => ({ from: later(on(from), on(wallFrom)), to: to < wallTo ? on(to) : on(wallTo) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .map((hours, nth) => ({ id: `A${nth + 1}`, ...hours }));
};

const windowsOfRow = (strategy: Strategy, facts: DayFacts, { kind, ids }: DayWindows): readonly PlannedWindow[] => {
  const { zone } = strategy.about;
  const table = strategy.dayPlan.windows[kind];
  const used = kind === 'holiday' ? Object.keys(table) : ids.filter((id) => table[id] !== undefined);
  return used.map((id) => ({
    id,
    from: localInstant(facts.today, table[id]!.from, zone),
    to: localInstant(facts.today, table[id]!.to, zone),
  }));
};

/** Windows of the row, in its order, or the agreed hours, with what is left of each. */
export const openWindows = (
  strategy: Strategy,
  i: PlanInputs,
  facts: DayFacts,
  of: DayWindows,
): readonly OpenWindow[] => {
  const zone = strategy.about.zone;
  const agreed = i.agreedWindows.length > 0;
  const windows = agreed ? agreedHours(strategy, i, facts) : windowsOfRow(strategy, facts, of);
  const { advice } = i;
  const adviceToday = advice !== null && businessDate(advice.endedAt, zone) === facts.today;
  const avoid = advice !== null && !adviceToday && advice.otherWindow && windows.length > 1 ? advice.windowId : null;
  return windows.map((window): OpenWindow => {
    const { id } = window;
    const from = later(window.from, of.earliest);
    const left = { ...window, from };
    const closed = (reason: OpenWindow['reason']): OpenWindow => ({ ...left, usable: false, reason });
    if (id === avoid) return closed('avoided');
    const sameAgain = adviceToday && !advice.nextWindow && advice.windowId === id;
    if (facts.triedToday.includes(id) && !sameAgain) return closed('tried');
    if (adviceToday && advice.nextWindow && window.from <= advice.endedAt) return closed('tried');
    const firstTick = snapUp(Date.parse(from), strategy.about.tickSeconds);
    if (firstTick >= Date.parse(window.to)) return closed(i.at >= window.to ? 'past' : 'before-redial');
    return { ...left, usable: true, reason: agreed ? 'asked' : 'open' };
  });
};

/** Asked for by the debtor, then that of an earlier answer, then by the row (see `windowOrder`). */
export const chooseWindow = (
  strategy: Strategy,
  usable: readonly OpenWindow[],
  answered: string | null,
  attemptsLeft: number,
): { readonly window: OpenWindow; readonly rule: 'asked' | 'answered-before' | 'row-order' } | null => {
  const asked = usable.find((window) => window.reason === 'asked');
  if (asked !== undefined) return { window: asked, rule: 'asked' };
  const before = usable.find((window) => window.id === answered);
  if (before !== undefined) return { window: before, rule: 'answered-before' };
  const ranked =
    strategy.dayPlan.windowOrder === 'row'
      ? usable
      : [...usable.slice(0, attemptsLeft)].sort((a, b) => (a.from < b.from ? -1 : 1));
  const first = ranked[0];
  return first === undefined ? null : { window: first, rule: 'row-order' };
};

/** A tick of the window, uniform by a draw of the intent id. A redial "in 30 minutes" keeps its time. */
export const minuteInside = (
  strategy: Strategy,
  window: PlannedWindow,
  of: { readonly intentId: string; readonly chance: ChanceSource; readonly exactly: Instant | null },
): { readonly at: Instant; readonly chance: Chance | null } => {
  const { tickSeconds } = strategy.about;
  const tickMs = tickSeconds * 1000;
  const first = snapUp(Date.parse(window.from), tickSeconds);
  const end = Date.parse(window.to);
  if (of.exactly !== null) {
    const exact = snapUp(Date.parse(of.exactly), tickSeconds);
    if (exact >= first && exact < end) return { at: toInstant(exact), chance: null };
  }
  const chance = drawChance(of.chance.salt, of.chance.saltId, of.intentId, 'minute');
  const ticks = Math.ceil((end - first) / tickMs);
  return { at: toInstant(first + pick(chance, ticks) * tickMs), chance };
};

/** A second conversation of a tier keeps its distance from the last one. */
export const restAfterConversation = (facts: DayFacts, hours: number): Instant | null =>
  hours === 0 || facts.lastConversationAt === null ? null : plusMinutes(facts.lastConversationAt, hours * 60);

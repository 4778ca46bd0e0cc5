import type { Tier } from '@mora/contracts';
import type { AmountBand, Strategy } from '../package/schema.js';
import type { EffectiveTier, TierInputs, TierResult, TierRuleId, TierRuleResult } from '../records.js';

const ladder: readonly Tier[] = ['L', 'M', 'H'];

/** Shortfall that counts as paid: the bank's word, else the currency's, else the package's for other currencies. */
export const toleranceOf = (strategy: Strategy, currency: string, ofBank: number | null): number =>
  ofBank ?? strategy.about.currencies[currency]?.tolerance ?? strategy.about.otherCurrencies.tolerance;

/** Something is missing, but so little that nobody is contacted. Nothing missing is not "within tolerance" but cured. */
export const withinTolerance = (unpaidMinimum: number, tolerance: number): boolean =>
  unpaidMinimum > 0 && unpaidMinimum <= tolerance;

export const bandOf = (strategy: Strategy, currency: string, unpaidMinimum: number): AmountBand => {
  const known = strategy.about.currencies[currency];
  if (known === undefined) return strategy.about.otherCurrencies.band;
  if (unpaidMinimum >= known.bands.veryLargeFrom) return 'very-large';
  if (unpaidMinimum >= known.bands.largeFrom) return 'large';
  return unpaidMinimum >= known.bands.normalFrom ? 'normal' : 'small';
};

/** Share of the limit that the bill uses; null where the bank did not give both. */
export const utilisationOf = (statementBalance: number | null, creditLimit: number | null): number | null =>
  statementBalance === null || creditLimit === null || creditLimit <= 0 ? null : statementBalance / creditLimit;

/** Row of the base table for a DPD; beyond the last row the last one holds. */
export const baseOf = (strategy: Strategy, dpd: number): Strategy['tiers']['base'][number] => {
  const rows = strategy.tiers.base;
  return rows.find((row) => dpd <= row.upToDpd) ?? rows[rows.length - 1]!;
};

const clamp = (low: number, high: number, value: number): number => Math.min(high, Math.max(low, value));

type Evaluated = readonly [id: TierRuleId, shift: number, fired: boolean, inputs: Readonly<Record<string, unknown>>];

const evaluate = (strategy: Strategy, i: TierInputs, band: AmountBand): readonly Evaluated[] => {
  const { T1, T2, T3, T4, T5, T6, T7, T8 } = strategy.tiers.rules;
  const utilisation = utilisationOf(i.statementBalance, i.creditLimit);
  const atLimit = utilisation !== null && utilisation >= T1.utilisation;
  const paidEnough = i.minimumDue > 0 && i.paidInEpisode >= T7.paidShare * i.minimumDue;
  const cooperative =
    (i.lastLabel === 'defers' && i.lastDeferTo !== null) ||
    i.lastPromiseResult === 'kept' ||
    i.lastPromiseResult === 'partly';
  return [
    ['T1', T1.shift, T1.always.includes(band) || (T1.nearLimit.includes(band) && atLimit), { band, utilisation }],
    [
      'T2',
      T2.shift,
      i.earlierEpisodes12m >= T2.earlierEpisodes || i.brokenEarlier6m > 0,
      { earlierEpisodes12m: i.earlierEpisodes12m, brokenEarlier6m: i.brokenEarlier6m },
    ],
    [
      'T3',
      T3.shift,
      i.rpcConversations >= T3.conversations && !i.promisedInEpisode,
      { rpcConversations: i.rpcConversations, promisedInEpisode: i.promisedInEpisode },
    ],
    ['T4', T4.shift, i.lastLabel !== null && T4.labels.includes(i.lastLabel), { lastLabel: i.lastLabel }],
    ['T5', T5.shift, i.brokenInEpisode >= T5.broken, { brokenInEpisode: i.brokenInEpisode }],
    ['T6', T6.shift, T6.bands.includes(band), { band }],
    [
      'T7',
      T7.shift,
      paidEnough && i.unpaidMinimum > 0,
      { paidInEpisode: i.paidInEpisode, minimumDue: i.minimumDue, unpaidMinimum: i.unpaidMinimum },
    ],
    [
      'T8',
      T8.shift,
      i.recordedMonths >= T8.recordedMonths && i.earlierEpisodes12m === 0 && cooperative,
      {
        recordedMonths: i.recordedMonths,
        earlierEpisodes12m: i.earlierEpisodes12m,
        lastLabel: i.lastLabel,
        lastDeferTo: i.lastDeferTo,
        lastPromiseResult: i.lastPromiseResult,
      },
    ],
  ];
};

/** Tier = base by DPD + the clamped sum of all shifts. Every rule is evaluated and returned, fired or not. */
export const tierAccount = (strategy: Strategy, inputs: TierInputs): TierResult => {
  const base = baseOf(strategy, inputs.dpd);
  const band = bandOf(strategy, inputs.currency, inputs.unpaidMinimum);
  const rules = evaluate(strategy, inputs, band).map(
    ([id, shift, fired, of]): TierRuleResult => ({ id, fired, shift, inputs: of }),
  );
  const sum = rules.reduce((total, rule) => total + (rule.fired ? rule.shift : 0), 0);
  const limit = strategy.tiers.clamp;
  const shift = clamp(-limit, limit, sum);
  const tier = ladder[clamp(0, ladder.length - 1, ladder.indexOf(base.tier) + shift)]!;
  return { base: base.tier, term: base.term, rules, sum, shift, tier, band };
};

/** Guards (a) and (b): a rise waits for the next day plan, a fall holds at once, an open promise or claim freezes. */
export const effectiveTier = (input: {
  readonly previous: Tier | null;
  readonly computed: Tier;
  readonly atDayPlan: boolean;
  readonly frozen: boolean;
}): EffectiveTier => {
  const { previous, computed, atDayPlan, frozen } = input;
  if (previous === null) return { tier: computed, pendingRise: null, frozen };
  if (frozen) return { tier: previous, pendingRise: null, frozen };
  const rises = ladder.indexOf(computed) > ladder.indexOf(previous);
  if (rises && !atDayPlan) return { tier: previous, pendingRise: computed, frozen };
  return { tier: computed, pendingRise: null, frozen };
};

/** May content of a kind be said or written? Floors hold whatever the tier. */
export const floorAllows = (
  strategy: Strategy,
  content: keyof Strategy['tiers']['floors'],
  at: { readonly dpd: number; readonly inGrace: boolean },
): boolean => {
  const floor = strategy.tiers.floors[content];
  return at.dpd >= floor.fromDpd && !(floor.afterGrace && at.inGrace);
};

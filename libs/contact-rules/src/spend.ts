/** What contacts may cost. A contact sets its dearest course aside; its end gives back what was not used. */
import { dayBounds, HOUR_MS, localTime } from '@mora/business-time';
import type { Verdict } from '@mora/contracts';
import type { Finding, RuleInputs } from './inputs.js';
import type { CheckOf, ProfileContent } from './profile.js';

type Spend = CheckOf<'spend'>;

/** Null: no price is known for where the number leads. */
const priceBy = (check: Spend, { request, destination }: RuleInputs): NonNullable<Verdict['price']> | null => {
  const prices = check.prices[request.channel];
  if (destination === null || !Object.hasOwn(prices, destination.country)) return null;
  const perUnit = prices[destination.country]!;
  const units = request.channel === 'call' ? check.reserve.callMinutes : check.reserve.smsParts;
  return { currency: check.currency, perUnit, reserved: Math.ceil(perUnit * units) };
};

export const hourOf = (at: string): string => `${at.slice(0, 13)}:00:00.000Z`;

const spentSince = ({ spend }: RuleInputs, since: number): number =>
  spend.hours.reduce((sum, { at, minor }) => (Date.parse(at) >= since ? sum + minor : sum), 0);

export const checkSpend = (check: Spend, inputs: RuleInputs, zone: string): Finding => {
  const now = Date.parse(inputs.at);
  const { shards } = inputs.spend;
  const price = priceBy(check, inputs);
  const hour = Date.parse(hourOf(inputs.at));
  const day = dayBounds(localTime(now, zone).date, zone);
  const spent = { hour: spentSince(inputs, hour), day: spentSince(inputs, day.start) };
  const most = { hour: Math.floor(check.perHour / shards), day: Math.floor(check.perDay / shards) };
  const fits = (window: 'hour' | 'day') => price !== null && spent[window] + price.reserved <= most[window];
  const retryAt = fits('day') ? hour + HOUR_MS : day.end;
  const denies = !fits('hour') || !fits('day');
  return {
    result: denies ? 'deny' : 'allow',
    limit: most.hour,
    windowStart: hour,
    windowEnd: hour + HOUR_MS,
    inputs: { currency: check.currency, spent, most, price: price?.perUnit ?? null, reserved: price?.reserved ?? null },
    ...(denies && price !== null ? { retryAt } : {}),
  };
};

/** What a contact that is allowed sets aside; null: no profile counts money. */
export const priceOf = (profile: ProfileContent, inputs: RuleInputs): Verdict['price'] => {
  for (const { check } of profile.rules) if (check.kind === 'spend') return priceBy(check as Spend, inputs);
  return null;
};

/**
 * Where a number leads: country and kind of number, by the numbering plans of the countries whose books we get. It names
 * what is known to be good; whatever no plan here knows is `unknown`, and no list allows that.
 */
import { type Destination, type DestinationKind, destinationKind } from '@mora/contracts';

/** Kinds of number that may be reached, by country. */
export type DestinationList = Readonly<Record<string, readonly DestinationKind[]>>;

type Plan = readonly (readonly [RegExp, DestinationKind])[];

/** National numbers, the first that fits. Sources: MIIT, OFCA, CTT and NCC numbering plans. */
const PLANS: Readonly<Record<string, { readonly country: string; readonly plan: Plan }>> = {
  '86': {
    country: 'CN',
    plan: [
      [/^(?:1349|174[0-59])\d{7}$/, 'satellite'],
      [/^1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8}$/, 'mobile'],
      [/^16\d{3,7}$/, 'premium'],
      [/^400\d{7}$/, 'shared-cost'],
      [/^800\d{7}$/, 'toll-free'],
      [/^(?:9[56]\d{3,6}|1\d{2,8})$/, 'service'],
      [/^(?:10|2\d)[2-8]\d{7}$/, 'fixed'],
      [/^[3-9]\d{2}[2-8]\d{6,7}$/, 'fixed'],
    ],
  },
  '852': {
    country: 'HK',
    plan: [
      [/^900\d{5,8}$/, 'premium'],
      [/^800\d{6}$/, 'toll-free'],
      [/^(?:[456]\d|70|8[4-7]|9[0-8])\d{6}$/, 'mobile'],
      [/^[23]\d{7}$/, 'fixed'],
    ],
  },
  '853': {
    country: 'MO',
    plan: [
      [/^6[2-8]\d{6}$/, 'mobile'],
      [/^(?:28|8[2-9])\d{6}$/, 'fixed'],
    ],
  },
  '886': {
    country: 'TW',
    plan: [
      [/^20\d{4,7}$/, 'premium'],
      [/^80\d{7}$/, 'toll-free'],
      [/^9[0-8]\d{7}$/, 'mobile'],
      [/^[2-8]\d{7,8}$/, 'fixed'],
    ],
  },
  '870': { country: 'unknown', plan: [[/^\d+$/, 'satellite']] },
  '881': { country: 'unknown', plan: [[/^\d+$/, 'satellite']] },
  '882': { country: 'unknown', plan: [[/^\d+$/, 'satellite']] },
  '883': { country: 'unknown', plan: [[/^\d+$/, 'satellite']] },
  '979': { country: 'unknown', plan: [[/^\d+$/, 'premium']] },
  '800': { country: 'unknown', plan: [[/^\d+$/, 'toll-free']] },
  '808': { country: 'unknown', plan: [[/^\d+$/, 'shared-cost']] },
  // Never assigned: no network carries it. Invented debtors have such numbers.
  '999': { country: 'test', plan: [[/^\d{6,12}$/, 'mobile']] },
};

const UNKNOWN: Destination = { country: 'unknown', kind: 'unknown' };

/** @param number E.164 */
export const destinationOf = (number: string): Destination => {
  if (!/^\+\d{7,15}$/.test(number) && !/^\+86\d{3,5}$/.test(number)) return UNKNOWN;
  const code = [number.slice(1, 4), number.slice(1, 3)].find((one) => Object.hasOwn(PLANS, one));
  if (code === undefined) return UNKNOWN;
  const { country, plan } = PLANS[code]!;
  const national = number.slice(1 + code.length);
  return { country, kind: plan.find(([form]) => form.test(national))?.[1] ?? 'unknown' };
};

/** False for what is not known. */
export const isListed = (list: DestinationList, destination: Destination | null): boolean =>
  destination !== null &&
  destination.kind !== 'unknown' &&
  Object.hasOwn(list, destination.country) &&
  list[destination.country]!.includes(destination.kind);

/** Ways out of the house know this list beside the guard's rule: where one of them errs, the other still holds. */
export const REACHABLE_BY_CALL = 'CN:mobile+fixed HK:mobile+fixed MO:mobile+fixed TW:mobile+fixed test:mobile';
export const REACHABLE_BY_SMS = 'CN:mobile HK:mobile MO:mobile TW:mobile test:mobile';

/** @param text `CN:mobile+fixed HK:mobile` @throws RangeError */
export const destinationList = (text: string): DestinationList =>
  Object.fromEntries(
    text.split(/\s+/).map((item, at) => {
      const [country = '', kinds = ''] = item.split(':');
      const parsed = destinationKind.exclude(['unknown']).array().min(1).safeParse(kinds.split('+'));
      if (country === '' || !parsed.success)
        throw new RangeError(`the list of destinations: item ${at + 1} is not <country>:<kind>+<kind>`);
      return [country, parsed.data];
    }),
  );

/** The items of list fields: `kind|source|since|until` and the like. */
import { isTimeOfDay } from '@mora/business-time';
import { type AccountFacts, bankFlagKind } from '@mora/contracts';
import { type Parsed, parseAmount } from './amount.js';
import { choiceOf, dateOf, dateOrNothing, integerOf } from './field-reader.js';
import { type IdTrust, identifierProblem } from './identifier.js';
import { phoneProblem } from './phone.js';
import type { DebtorContent, OwnNumber } from './record.js';

type Parts = readonly string[];
type Fields<T> = { readonly [K in keyof T]: Parsed<T[K]> };

const no = (reason: string) => ({ ok: false, reason }) as const;
const yes = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** All fields of an item, or the first thing that is wrong with one. */
const item = <T extends object>(fields: Fields<T>): Parsed<T> => {
  const value: Partial<T> = {};
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const parsed = fields[key];
    if (!parsed.ok) return no(`${key}: ${parsed.reason}`);
    value[key] = parsed.value;
  }
  return yes(value as T);
};

const some = (text: string | undefined): Parsed<string> =>
  text === undefined || text === '' ? no('is missing') : text.length > 200 ? no('is too long') : yes(text);

const atMost = <T>(parts: Parts, most: number, parsed: Parsed<T>): Parsed<T> =>
  parts.length > most ? no(`has ${parts.length} parts, at most ${most} are known`) : parsed;

export const phoneItem = (parts: Parts): Parsed<OwnNumber> => {
  const [number = '', kind = '', order = '', confirmedAt] = parts;
  const problem = phoneProblem(number);
  return atMost(
    parts,
    4,
    item<OwnNumber>({
      number: problem === null ? yes(number) : no(problem),
      kind: choiceOf(kind, ['registered', 'other-own']),
      order: integerOf(order, 0, 99),
      confirmedAt: dateOrNothing(confirmedAt),
    }),
  );
};

export const windowItem = (parts: Parts): Parsed<DebtorContent['agreedWindows'][number]> => {
  const [from = '', to = '', channel = '', expiresOn] = parts;
  const time = (text: string) => (isTimeOfDay(text) ? yes(text) : no('is not a time of day such as 08:00'));
  return atMost(
    parts,
    4,
    item<DebtorContent['agreedWindows'][number]>({
      from: time(from),
      to: time(to),
      channel: choiceOf(channel, ['call', 'sms', 'any']),
      expiresOn: dateOrNothing(expiresOn),
    }),
  );
};

export const consentItem = (parts: Parts): Parsed<DebtorContent['consents'][number]> =>
  atMost(parts, 2, item({ kind: some(parts[0]), expiresOn: dateOrNothing(parts[1]) }));

export const flagItem = (parts: Parts) =>
  atMost(
    parts,
    4,
    item({
      kind: choiceOf(parts[0] ?? '', bankFlagKind.options),
      source: some(parts[1]),
      since: dateOf(parts[2] ?? ''),
      until: dateOrNothing(parts[3]),
    }),
  );

export const episodeItem = (parts: Parts) =>
  atMost(
    parts,
    2,
    item({
      openedOn: dateOf(parts[0] ?? ''),
      curedAtDpd: (parts[1] ?? '') === '' ? yes<number | null>(null) : integerOf(parts[1]!, -60, 3_650),
    }),
  );

export const promiseItem = (parts: Parts) =>
  atMost(
    parts,
    2,
    item<AccountFacts['history']['promises'][number]>({
      on: dateOf(parts[0] ?? ''),
      result: choiceOf(parts[1] ?? '', ['kept', 'partly', 'broken']),
    }),
  );

export const agencyItem =
  (ids: IdTrust) =>
  (parts: Parts): Parsed<{ readonly agency: string; readonly toldOn: string }> =>
    atMost(parts, 2, item({ agency: idOf(parts[0], ids), toldOn: dateOf(parts[1] ?? '') }));

const idOf = (text: string | undefined, ids: IdTrust): Parsed<string> => {
  const said = some(text);
  const problem = said.ok ? identifierProblem(said.value, ids) : null;
  return problem === null ? said : no(problem);
};

export const monthItem = (parts: Parts): Parsed<number> => atMost(parts, 1, integerOf(parts[0] ?? '', -9, 999));

export const amountItem =
  (currency: string) =>
  (parts: Parts): Parsed<number> =>
    atMost(parts, 1, parseAmount(parts[0] ?? '', currency, true));

export const textItem = (parts: Parts): Parsed<string> => atMost(parts, 1, some(parts[0]));

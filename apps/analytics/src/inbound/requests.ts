/** Query strings of the API, decoded and checked. */
import { isoDate } from '@mora/contracts';
import { z } from 'zod';
import { COUNTERS } from '../figures/counters.js';
import { CUTS } from '../figures/reads.js';
import { BadRequest } from '../queries/errors.js';

const FIRST_YEAR = 2000;
const LAST_YEAR = 2199;
const isKnownYear = (year: number): boolean => year >= FIRST_YEAR && year <= LAST_YEAR;
const years = { message: `is not of the years ${FIRST_YEAR} to ${LAST_YEAR}` };

/** PostgreSQL's text holds neither NUL nor half a character. */
const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
/** Of a thing, in a path: the router takes no longer one. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, { message: 'is no id' })
  .refine((text) => text !== '.' && text !== '..', { message: 'is no id' });
const word = z.string().min(1).max(200).refine(isText, { message: 'is no text' });
const day = isoDate
  .refine((date) => isKnownYear(Number(date.slice(0, 4))), years)
  .meta({ description: 'Local day, 2026-11-02', pattern: '^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}$' });
const instant = z.iso
  .datetime({ offset: true })
  .refine((at) => isKnownYear(new Date(at).getUTCFullYear()), years)
  .meta({
    description: 'Instant, with its offset or Z; absent: now',
    pattern: '^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$',
  });
const limit = z
  .string()
  .regex(/^([1-9][0-9]{0,2}|1000)$/, { message: 'is not a whole number from 1 to 1000' })
  .transform(Number)
  .optional()
  .describe('Rows at most, 1 to 1000');
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const simulated = flag.optional().describe('Simulated outcomes instead of real ones; absent: whichever there are');

/** Whatever a question does not know is refused: it would be answered as if it held. */
const period = { day: day.optional(), from: day.optional(), to: day.optional(), simulated };

interface AskedPeriod {
  readonly day?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const isOnePeriod = ({ day, from, to }: AskedPeriod): boolean =>
  (day === undefined) === (from !== undefined && to !== undefined) &&
  (day === undefined || (from === undefined && to === undefined));
const EITHER = { message: 'give either day, or from and to', path: ['day'] };
const isForward = ({ from = '', to = '9' }: AskedPeriod): boolean => from <= to;
const BACKWARDS = { message: 'is after to', path: ['from'] };

export const figuresQuery = z
  .strictObject({ ...period, cut: z.enum(CUTS).optional().describe('Cut by') })
  .refine(isOnePeriod, EITHER)
  .refine(isForward, BACKWARDS);
export const denialsQuery = z.strictObject(period).refine(isOnePeriod, EITHER).refine(isForward, BACKWARDS);
export const casesQuery = z.strictObject({
  state: z.enum(['open', 'promised', 'cured', 'closed', 'tolerance', 'handed-over']).optional(),
  tier: z.enum(['L', 'M', 'H']).optional(),
  label: word.optional(),
  debtorId: word.optional(),
  accountId: word.optional(),
  openedOn: day.optional(),
  limit,
  after: word.optional().describe('caseId of the last row of the page before'),
});
export const callsQuery = z.strictObject({
  debtorId: word.optional(),
  caseId: word.optional(),
  day: day.optional(),
  disposition: word.optional(),
  limit,
});
export const lineageQuery = z.strictObject({ counter: z.enum(COUNTERS), day, simulated, limit });
export const whyQuery = z.strictObject({ at: instant.optional() });
export const repliesQuery = z.strictObject({
  day: day.optional(),
  reply: z.enum(['N', 'T', '1', '2', 'other']).optional(),
  debtorId: word.optional(),
  forHuman: flag.optional().describe('Those that a human reads'),
  limit,
});
export const timelineQuery = z.strictObject({ limit });
export const rebuildQuery = z.strictObject({ compare: flag.optional().describe('Only tell the differences') });
export const noQuery = z.strictObject({});

/** @param name of the path's parameter. @throws BadRequest */
export const idOf = (name: string, value: string): string =>
  decodeQuery(z.strictObject({ [name]: id }), { [name]: value })[name]!;

/** @throws BadRequest with the first field that is wrong. */
export const decodeQuery = <T>(schema: z.ZodType<T>, query: unknown): T => {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) throw new BadRequest(unknown.toWellFormed().slice(0, 50), 'is not asked for here');
  throw new BadRequest(issue?.path.join('.') || 'query', issue?.message ?? 'cannot be read');
};

/** Without the fields that were not given. */
export const given = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

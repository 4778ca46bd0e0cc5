/** Query strings of the API, decoded and checked. */
import { isoDate } from '@mora/contracts';
import { z } from 'zod';
import { COUNTERS } from '../figures/counters.js';
import { CUTS } from '../figures/reads.js';
import { BadRequest } from '../queries/errors.js';

const limit = z.coerce.number().int().min(1).max(1_000).optional();
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const figuresQuery = z
  .object({
    day: isoDate.optional(),
    from: isoDate.optional(),
    to: isoDate.optional(),
    cut: z.enum(CUTS).optional(),
    simulated: flag.optional(),
  })
  .refine(({ day, from, to }) => (day === undefined) === (from !== undefined && to !== undefined), {
    message: 'give either day, or from and to',
    path: ['day'],
  })
  .refine(({ from = '', to = '9' }) => from <= to, { message: 'is after to', path: ['from'] });
export const casesQuery = z.object({
  state: z.enum(['open', 'promised', 'cured', 'closed', 'tolerance', 'handed-over']).optional(),
  tier: z.enum(['L', 'M', 'H']).optional(),
  label: z.string().optional(),
  debtorId: z.string().optional(),
  accountId: z.string().optional(),
  openedOn: isoDate.optional(),
  limit,
  after: z.string().optional(),
});
export const callsQuery = z.object({
  debtorId: z.string().optional(),
  caseId: z.string().optional(),
  day: isoDate.optional(),
  disposition: z.string().optional(),
  limit,
});
export const lineageQuery = z.object({ counter: z.enum(COUNTERS), day: isoDate, simulated: flag.optional(), limit });
export const whyQuery = z.object({ at: z.iso.datetime({ offset: true }).optional() });
export const repliesQuery = z.object({
  day: isoDate.optional(),
  reply: z.enum(['N', 'T', '1', '2', 'other']).optional(),
  debtorId: z.string().optional(),
  forHuman: flag.optional(),
  limit,
});
export const timelineQuery = z.object({ limit });
export const rebuildQuery = z.object({ compare: flag.optional() });

/** @throws BadRequest with the first field that is wrong. */
export const decodeQuery = <T>(schema: z.ZodType<T>, query: unknown): T => {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new BadRequest(issue?.path.join('.') || 'query', issue?.message ?? 'cannot be read');
};

/** Without the fields that were not given. */
export const given = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

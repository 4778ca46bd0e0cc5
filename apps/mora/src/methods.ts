/** What the command line can ask of an embedded installation, running or opened for the question. */
import { randomUUID } from 'node:crypto';
import type { Methods } from './control.js';
import { UsageError } from './errors.js';
import type { Embedded } from './mora.js';

const text = (input: Readonly<Record<string, unknown>>, field: string): string => {
  const value = input[field];
  if (typeof value !== 'string' || value === '') throw new UsageError(`${field} is missing`);
  return value;
};

const optional = (input: Readonly<Record<string, unknown>>, field: string): string | undefined => {
  const value = input[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const oneOf = <T extends string>(
  input: Readonly<Record<string, unknown>>,
  field: string,
  values: readonly T[],
): T | undefined => {
  const value = optional(input, field);
  const known = values.find((v) => v === value);
  if (value !== undefined && known === undefined) throw new UsageError(`${field} must be one of ${values.join(', ')}`);
  return known;
};

const TIERS = ['L', 'M', 'H'] as const;
const CHANNELS = ['call', 'sms'] as const;
const STATES = ['open', 'promised', 'handed-over', 'cured', 'closed', 'tolerance'] as const;

const limitOf = (input: Readonly<Record<string, unknown>>): number => {
  const value = Number(input['limit'] ?? 50);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new UsageError('limit must be a whole number from 1 to 1000');
  return value;
};

export const methodsOf = (mora: Embedded, stop: () => void): Methods => {
  const { analytics, tiering } = mora;
  const knownDebtor = async (word: string): Promise<string> => {
    await analytics.drain();
    const debtorId = await mora.debtorOf(word);
    if ((await analytics.timeline(debtorId, 1)).length === 0)
      throw new UsageError(`nothing is known of the debtor ${word}`);
    return debtorId;
  };
  return {
    status: () => mora.status(),
    load: (input) => mora.intake.loadFile(text(input, 'path'), { dryRun: input['dryRun'] === true }),
    'cases.list': async (input) => {
      oneOf(input, 'state', STATES);
      oneOf(input, 'tier', TIERS);
      await analytics.drain();
      const filter = Object.fromEntries(
        ['state', 'tier', 'label', 'debtorId', 'accountId', 'openedOn', 'after'].flatMap((f) => {
          const value = optional(input, f);
          return value === undefined ? [] : [[f, value]];
        }),
      );
      return analytics.cases.list({ ...filter, limit: limitOf(input) });
    },
    'cases.show': async (input) => {
      await analytics.drain();
      return analytics.cases.show(text(input, 'id'));
    },
    'calls.list': async (input) => {
      await analytics.drain();
      const debtorId = optional(input, 'debtorId');
      const day = optional(input, 'day');
      return analytics.calls.list({
        ...(debtorId ? { debtorId } : {}),
        ...(day ? { day } : {}),
        limit: limitOf(input),
      });
    },
    'calls.show': async (input) => {
      await analytics.drain();
      return analytics.calls.show(text(input, 'id'));
    },
    why: async (input) => {
      await analytics.drain();
      const at = optional(input, 'at');
      if (at !== undefined && Number.isNaN(Date.parse(at)))
        throw new UsageError('--at must be an instant such as 2026-11-03T02:00:00.000Z');
      return analytics.why(
        await knownDebtor(text(input, 'debtor')),
        at === undefined ? undefined : new Date(at).toISOString(),
      );
    },
    'parked.list': (input) => mora.intake.listParked({ limit: limitOf(input) }),
    'parked.show': (input) => mora.intake.showParked(text(input, 'id')),
    'parked.redrive': (input) =>
      mora.intake.redriveParked(text(input, 'id'), input['raw'] as Record<string, string> | undefined),
    'views.list': async () => analytics.views.names(),
    'views.rebuild': async (input) => {
      await analytics.drain();
      return analytics.views.rebuild(text(input, 'name'), { compare: input['compare'] === true });
    },
    halt: async (input) => {
      const haltId = optional(input, 'id') ?? `halt-${randomUUID().slice(0, 8)}`;
      const debtor = optional(input, 'debtor');
      const scope = {
        strategyHash: null,
        tier: oneOf(input, 'tier', TIERS) ?? null,
        channel: oneOf(input, 'channel', CHANNELS) ?? null,
        debtorId: debtor === undefined ? null : await knownDebtor(debtor),
      };
      await tiering.halt({ haltId, scope, reason: text(input, 'reason'), by: text(input, 'by') });
      return { haltId };
    },
    resume: async (input) => {
      const haltId = text(input, 'id');
      const wasHalted = await tiering.resume({ haltId, reason: text(input, 'reason'), by: text(input, 'by') });
      if (!wasHalted) throw new UsageError(`no halt ${haltId} is in force`);
      return { resumed: haltId };
    },
    oracle: () => mora.oracle(),
    stop: async () => {
      setImmediate(stop);
      return { stopping: true };
    },
  };
};

/** What the command line can ask of an installation: its services in this process, running or opened for the question, or as processes. */
import { randomUUID } from 'node:crypto';
import { businessDate, isDate } from '@mora/business-time';
import type { History, Standing } from '@mora/service';
import type { SafetyReport } from '@mora/simulation';
import type { AnalyticsQueries, IntakeInbound, TieringControl } from './answers.js';
import { ZONE } from './business-zone.js';
import type { Methods } from './control.js';
import { UsageError } from './errors.js';

/** Words of a turn, in clear; null: nothing was said, or the debtor was erased. */
export interface Words {
  readonly index: number;
  readonly said: string | null;
  readonly heard: string | null;
}

/** Whoever answers: the services themselves, or clients of their processes. */
export interface Asked {
  readonly analytics: Pick<AnalyticsQueries, 'drain' | 'cases' | 'views' | 'timeline' | 'why' | 'figures'> & {
    readonly calls: Pick<AnalyticsQueries['calls'], 'list' | 'show'>;
  };
  readonly tiering: Pick<TieringControl, 'halt' | 'resume'>;
  /** What was said and heard in a call, opened for the person at the machine. @throws UsageError where nobody may */
  wordsOf(attemptId: string): Promise<readonly Words[]>;
  /** What waits for a person, by service, and his word to go on. */
  readonly feeds: {
    standing(): Promise<readonly Standing[]>;
    /** @returns how many had stopped */
    resume(): Promise<number>;
    /** @returns how many parked events of the debtor were taken in */
    redrive(debtorId: string): Promise<number>;
  };
  readonly intake: Pick<
    IntakeInbound,
    'beginLoad' | 'lookAtLoad' | 'pageOfParked' | 'showParked' | 'redriveParked' | 'redriveManyParked'
  >;
  readonly history: {
    /** True while nothing starts because history was lost. */
    isHeld(): boolean;
    /** By service; those that lost nothing, and of which nobody outside knows more, are left out. */
    show(): Promise<readonly History[]>;
    /** What is missing becomes facts that count, and work begins. @returns how many contacts were missing */
    confirm(by: string): Promise<number>;
  };
  /** @param word a debtor id, customer number or account id; of any other, an id that nobody has */
  debtorOf(word: string): Promise<string>;
  status(): Promise<Readonly<Record<string, unknown>>>;
  oracle(): Promise<SafetyReport>;
}

type Input = Readonly<Record<string, unknown>>;

const text = (input: Input, field: string): string => {
  const value = input[field];
  if (typeof value !== 'string' || value === '') throw new UsageError(`${field} is missing`);
  return value;
};

const optional = (input: Input, field: string): string | undefined => {
  const value = input[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const oneOf = <T extends string>(input: Input, field: string, values: readonly T[]): T | undefined => {
  const value = optional(input, field);
  const known = values.find((v) => v === value);
  if (value !== undefined && known === undefined) throw new UsageError(`${field} must be one of ${values.join(', ')}`);
  return known;
};

const TIERS = ['L', 'M', 'H'] as const;
const CHANNELS = ['call', 'sms'] as const;
const PARKED_STATES = ['parked', 'redriven', 'replaced', 'all'] as const;
const STATES = ['open', 'promised', 'handed-over', 'cured', 'closed', 'tolerance'] as const;

const CUTS = ['day', 'hour', 'tier', 'term', 'arm', 'strategy', 'script', 'voice', 'detail'] as const;

const limitOf = (input: Input): number => {
  const value = Number(input['limit'] ?? 50);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new UsageError('limit must be a whole number from 1 to 1000');
  return value;
};

const dateOf = (input: Input, field: string): string | undefined => {
  const value = optional(input, field);
  if (value !== undefined && !isDate(value)) throw new UsageError(`${field} must be a date such as 2026-11-02`);
  return value;
};

const instantOf = (input: Input, field: string): string | undefined => {
  const value = optional(input, field);
  if (value === undefined) return undefined;
  if (Number.isNaN(Date.parse(value)))
    throw new UsageError(`--${field} must be an instant such as 2026-11-03T02:00:00.000Z`);
  return new Date(value).toISOString();
};

/** Fields of a record by name, all text. */
const fieldsOf = (input: Input, field: string): Readonly<Record<string, string>> | undefined => {
  const value = input[field];
  if (value === undefined) return undefined;
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord || Object.values(value).some((each) => typeof each !== 'string'))
    throw new UsageError(`${field} must be an object of fields, each a text`);
  return value as Readonly<Record<string, string>>;
};

/** Without the fields that were not given. */
export const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** Whatever looks into a store that was put back would wait, or mislead. */
const unlessHeld = ({ history }: Asked, methods: Methods): Methods =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      async (input) => {
        if (history.isHeld()) throw new UsageError(HELD);
        return method(input);
      },
    ]),
  );

export const HELD =
  'history was lost and nothing works before you confirm it: "mora history" tells what is missing, "mora history confirm" goes on';

export const methodsOf = (asked: Asked, stop: () => void): Methods => ({
  ...unlessHeld(asked, workMethods(asked)),
  ...historyMethods(asked),
  // It asks nobody: it reads what is stored and what the carrier and the SMSC logged.
  oracle: () => asked.oracle(),
  stop: async () => {
    setImmediate(stop);
    return { stopping: true };
  },
});

/** They answer also while nothing else does. */
export const historyMethods = ({ history }: Pick<Asked, 'history'>): Methods => ({
  'history.show': async () => history.show(),
  'history.confirm': async (input) => {
    const shown = await history.show();
    if (shown.length === 0) throw new UsageError('nothing was lost: there is nothing to confirm');
    return { shown, imported: await history.confirm(text(input, 'by')) };
  },
});

const workMethods = (asked: Asked): Methods => ({
  status: () => asked.status(),
  ...questions(asked),
  ...intakeMethods(asked),
  ...controlMethods(asked),
  ...feedMethods(asked),
});

/** @throws UsageError when nothing is known of the debtor */
const knownDebtor = async (asked: Asked, word: string): Promise<string> => {
  const { analytics } = asked;
  await analytics.drain();
  const debtorId = await asked.debtorOf(word);
  if ((await analytics.timeline(debtorId, 1)).length > 0) return debtorId;
  const ofAccount = await debtorOfAccount(asked, word);
  if (ofAccount === null) throw new UsageError(`nothing is known of the debtor ${word}`);
  return ofAccount;
};

/** Of an account in no book, whose latest episode counts: the bank may have corrected whose it is. */
const debtorOfAccount = async ({ analytics }: Asked, accountId: string): Promise<string | null> => {
  const cases = await analytics.cases.list({ accountId, limit: 1_000 });
  const latest = [...cases].sort((a, b) => ((a.opened_at ?? '') < (b.opened_at ?? '') ? 1 : -1))[0];
  return latest?.debtor_id ?? null;
};

const questions = (asked: Asked): Methods => {
  const { analytics } = asked;
  return {
    'cases.list': async (input) => {
      const filter = given({
        state: oneOf(input, 'state', STATES),
        tier: oneOf(input, 'tier', TIERS),
        label: optional(input, 'label'),
        debtorId: optional(input, 'debtorId'),
        accountId: optional(input, 'accountId'),
        openedOn: dateOf(input, 'openedOn'),
        after: optional(input, 'after'),
        limit: limitOf(input),
      });
      await analytics.drain();
      return analytics.cases.list(filter);
    },
    'cases.show': async (input) => {
      const id = text(input, 'id');
      await analytics.drain();
      return analytics.cases.show(id);
    },
    'calls.list': async (input) => {
      const filter = given({
        debtorId: optional(input, 'debtorId'),
        day: dateOf(input, 'day'),
        limit: limitOf(input),
      });
      await analytics.drain();
      return analytics.calls.list(filter);
    },
    'calls.show': async (input) => {
      const id = text(input, 'id');
      await analytics.drain();
      const call = await analytics.calls.show(id);
      return input['reveal'] === true ? { ...call, words: await asked.wordsOf(id) } : call;
    },
    why: async (input) => {
      const at = instantOf(input, 'at');
      return analytics.why(await knownDebtor(asked, text(input, 'debtor')), at);
    },
    figures: async (input) => {
      const day = dateOf(input, 'day');
      const period = { from: dateOf(input, 'from') ?? day, to: dateOf(input, 'to') ?? day };
      const cut = oneOf(input, 'cut', CUTS) ?? null;
      await analytics.drain();
      return analytics.figures({ period: await periodOf(asked, period), cut });
    },
    'views.list': () => analytics.views.names(),
    'views.rebuild': async (input) => {
      const name = text(input, 'name');
      await analytics.drain();
      return analytics.views.rebuild(name, { compare: input['compare'] === true });
    },
  };
};

/** From the first day to today, unless asked otherwise. */
const periodOf = async (
  asked: Asked,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): Promise<{ readonly from: string; readonly to: string }> => {
  if (from !== undefined && to !== undefined) return { from, to };
  const { from: first, businessTime } = await asked.status();
  return { from: from ?? String(first), to: to ?? businessDate(String(businessTime), ZONE) };
};

const intakeMethods = ({ intake }: Asked): Methods => ({
  'load.begin': async (input) => {
    const options = {
      dryRun: input['dryRun'] === true,
      encoding: optional(input, 'encoding'),
      map: fieldsOf(input, 'columns'),
      exactIds: input['exactIds'] === true,
    };
    return { loadId: await intake.beginLoad(text(input, 'path'), options) };
  },
  'load.look': async (input) => intake.lookAtLoad(text(input, 'id'), Number(input['after'] ?? 0)),
  'parked.list': async (input) => {
    const state = oneOf(input, 'state', PARKED_STATES) ?? 'parked';
    return intake.pageOfParked({
      limit: limitOf(input),
      state: state === 'all' ? undefined : state,
      reason: optional(input, 'reason'),
      file: optional(input, 'file'),
    });
  },
  'parked.show': async (input) => intake.showParked(text(input, 'id')),
  'parked.redrive': async (input) =>
    intake.redriveParked(text(input, 'id'), fieldsOf(input, 'raw'), input['asIs'] === true),
  'parked.redriveMany': async (input) =>
    intake.redriveManyParked({
      reason: optional(input, 'reason'),
      file: optional(input, 'file'),
      asIs: input['asIs'] === true,
      after: optional(input, 'after'),
    }),
});

const feedMethods = ({ feeds, debtorOf }: Asked): Methods => ({
  'feeds.list': async () => {
    const standing = await feeds.standing();
    return {
      stopped: standing.flatMap(({ service, feeds }) => feeds.map((feed) => ({ service, ...feed }))),
      timers: standing.flatMap(({ service, timers }) => timers.map((timer) => ({ service, ...timer }))),
    };
  },
  'feeds.resume': async () => ({ resumed: await feeds.resume() }),
  'feeds.redrive': async (input) => ({ taken: await feeds.redrive(await debtorOf(text(input, 'debtor'))) }),
});

const controlMethods = (asked: Asked): Methods => ({
  halt: async (input) => {
    const order = {
      haltId: optional(input, 'id') ?? `halt-${randomUUID().slice(0, 8)}`,
      reason: text(input, 'reason'),
      by: text(input, 'by'),
    };
    const tier = oneOf(input, 'tier', TIERS) ?? null;
    const channel = oneOf(input, 'channel', CHANNELS) ?? null;
    const debtor = optional(input, 'debtor');
    const debtorId = debtor === undefined ? null : await knownDebtor(asked, debtor);
    await asked.tiering.halt({ ...order, scope: { strategyHash: null, tier, channel, debtorId } });
    return { haltId: order.haltId };
  },
  resume: async (input) => {
    const haltId = text(input, 'id');
    const order = { haltId, reason: text(input, 'reason'), by: text(input, 'by') };
    if (!(await asked.tiering.resume(order))) throw new UsageError(`no halt ${haltId} is in force`);
    return { resumed: haltId };
  },
});

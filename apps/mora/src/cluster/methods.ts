/** What the command line can ask of a Mora whose services are processes: what their APIs offer. */
import type { Methods } from '../control.js';
import { UsageError } from '../errors.js';
import type { Mora } from '../mora.js';
import type { AnalyticsApi, Query } from './analytics-api.js';

type Input = Readonly<Record<string, unknown>>;

const text = (input: Input, field: string): string => {
  const value = input[field];
  if (typeof value !== 'string' || value === '') throw new UsageError(`${field} is missing`);
  return value;
};

const queryOf = (input: Input, fields: readonly string[]): Query =>
  Object.fromEntries(fields.map((field) => [field, (input[field] as string | undefined) || undefined]));

const notHere = async (): Promise<never> => {
  throw new UsageError('the services are processes of their own now: stop them and ask again');
};

export const clusterMethods =
  (mora: Mora, api: AnalyticsApi, debtorOf: (word: string) => string) =>
  (stop: () => void): Methods => {
    const drained =
      (ask: (input: Input) => Promise<unknown>) =>
      async (input: Input): Promise<unknown> => {
        await mora.analytics.drain();
        return ask(input);
      };
    const listOf = (path: string, fields: readonly string[]) =>
      drained((input) => api.get(path, { ...queryOf(input, fields), limit: Number(input['limit'] ?? 50) }));
    const showOf = (path: string) => drained((input) => api.get(`${path}/${encodeURIComponent(text(input, 'id'))}`));
    return {
      status: async () => ({
        businessTime: mora.clock.now(),
        endsAt: mora.endsAt,
        ...mora.facts,
        ...mora.live.now(),
        eventsStored: await mora.eventCount(),
      }),
      'cases.list': listOf('cases', ['state', 'tier', 'label', 'debtorId', 'accountId', 'openedOn', 'after']),
      'cases.show': showOf('cases'),
      'calls.list': listOf('calls', ['debtorId', 'day']),
      'calls.show': showOf('calls'),
      why: drained((input) => {
        const debtorId = debtorOf(text(input, 'debtor'));
        return api.get(`debtors/${encodeURIComponent(debtorId)}/why`, queryOf(input, ['at']));
      }),
      oracle: () => mora.oracle(),
      stop: async () => {
        setImmediate(stop);
        return { stopping: true };
      },
      ...Object.fromEntries(
        ['load', 'parked.list', 'parked.show', 'parked.redrive', 'views.list', 'views.rebuild', 'halt', 'resume'].map(
          (name) => [name, notHere],
        ),
      ),
    };
  };

/** Before anything else the database answers and the schema is whole. */
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import { type DatabaseAddress, migrate, missingMigrations } from '@mora/postgres';
import { type Log } from '@mora/telemetry';
import type { Pool } from 'pg';
import { messageOf, SchemaMissing } from '../errors.js';
import type { ServiceSchema } from '../eventing.module.js';

const RETRY_MS = 500;

/** Runs what is missing where this process may. @throws SchemaMissing */
export const ensureSchema = async (
  schema: ServiceSchema,
  at: { readonly pool: Pool; readonly owner: DatabaseAddress | null },
): Promise<void> => {
  const own = schema.source === null ? [] : [EVENT_STORE_MIGRATION];
  const all = [...own, ...schema.migrations];
  const missing = await missingMigrations(at.pool, schema.name, all);
  if (missing.length === 0) return;
  if (at.owner === null) throw new SchemaMissing(schema.name, missing);
  await migrate(at.owner, schema.name, all);
};

/** Repeats while the database cannot be reached; any other error is thrown. */
export const whenDatabaseAnswers = async <T>(
  work: () => Promise<T>,
  options: { readonly log: Log; readonly signal: AbortSignal },
): Promise<T> => {
  for (let tries = 0; ; tries++) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (tries % 20 === 0)
        options.log.warn({ error: messageOf(error) }, 'the database does not answer; waiting for it');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
};

/** No connection, one that broke, or a server that starts or stops: classes 08, 53 and 57P of SQLSTATE. */
export const isAway = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.every(isAway);
  if (!(error instanceof Error)) return false;
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code === 'string')
    return /^(08...|53300|57P0[1-5]|E[A-Z]{4,})$/.test(code) || code === 'STORE_UNAVAILABLE';
  return /timeout|terminated|Connection ended/i.test(error.message);
};

import { hasCulprit, StoreUnavailable, UnstorableData } from '@mora/eventing';

const sqlState = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Whether the server itself has said so: the connection works. */
export const hasSqlState = (error: unknown): boolean => /^(?!E)[0-9A-Z]{5}$/.test(sqlState(error) ?? '');

/** Bugs of ours stay what they are. Data errors (SQLSTATE 22, 23) name a culprit; everything else is the infrastructure's and is retried, never parked. */
export const storeError = (error: unknown): Error => {
  if (error instanceof StoreUnavailable || hasCulprit(error)) return error as Error;
  const state = sqlState(error);
  const message = error instanceof Error ? error.message : String(error);
  if (state && /^2[23]/.test(state)) return new UnstorableData(`${message} (SQLSTATE ${state})`, { cause: error });
  if (!state || /^(08|53|55|57|40|58|25P0|E|EC|EP)/.test(state) || !/^[0-9A-Z]{5}$/.test(state))
    return new StoreUnavailable(message, { cause: error });
  return error instanceof Error ? error : new Error(message);
};

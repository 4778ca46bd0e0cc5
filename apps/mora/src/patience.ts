/** A database that does not answer for a while only makes the clock stand still: nothing is lost, nobody is called. */
import { setTimeout as pause } from 'node:timers/promises';
import { storeError } from '@mora/event-store-postgres';
import { StoreUnavailable } from '@mora/eventing';
import { DatabaseGone } from './errors.js';

export interface Patience {
  /** Then the process gives up, and the next start goes on. */
  readonly giveUpAfterMs: number;
  /** Told once when waiting begins, and once when it is over. */
  readonly note: (message: string) => void;
  readonly wallMs: () => number;
}

/**
 * Asks again and again whether the database answers, one question at a time: one that hangs, which no error tells, is noticed, too.
 * @returns a promise that only ever rejects. @throws DatabaseGone
 */
export const watchDatabase = (
  question: () => Promise<unknown>,
  { giveUpAfterMs, wallMs }: Omit<Patience, 'note'>,
): { readonly gone: Promise<never>; stop(): void } => {
  let waitedMs = 0;
  let beatAt = wallMs();
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      await question();
      waitedMs = 0;
    } catch {
      // asked again at the next beat
    } finally {
      asking = false;
    }
  };
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const beat = setInterval(() => {
    // A machine that slept did not wait.
    waitedMs += Math.min(wallMs() - beatAt, 2_000);
    beatAt = wallMs();
    if (waitedMs > giveUpAfterMs) reject(new DatabaseGone(giveUpAfterMs));
    void ask();
  }, 1_000);
  beat.unref();
  return { gone: promise, stop: () => clearInterval(beat) };
};

/** @returns a function that does work on the database again and again until it answers. @throws DatabaseGone */
export const patient = ({ giveUpAfterMs, note, wallMs }: Patience) => {
  let since: number | null = null;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 2_000)) {
      try {
        const result = await work();
        if (since !== null) {
          note(`The database answers again after ${Math.round((wallMs() - since) / 1000)} s; going on`);
          since = null;
        }
        return result;
      } catch (error) {
        const cause = storeError(error);
        if (!(cause instanceof StoreUnavailable)) throw error;
        if (since === null)
          note(`The database does not answer (${cause.message}): the clock stands still, nobody is called`);
        since ??= wallMs();
        if (wallMs() - since > giveUpAfterMs) throw new DatabaseGone(giveUpAfterMs, { cause });
        await pause(waitMs);
      }
    }
  };
};

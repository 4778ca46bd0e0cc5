/**
 * Before the first append of a source: whoever knows more of it than its store proves that history was lost. Asked are the
 * topic, always, and every subscriber. One that does not answer in time is left out with a warning (the topic has told of all
 * that was ever published) and asked again later; the guard's source waits for those who act on its permits, however long.
 */
import type { Source } from '@mora/contracts';
import { beginEpochIfLost, type CheckpointRow, type EventStore, lostHistory } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import { messageOf } from '../errors.js';
import { REQUIRED_SUBSCRIBERS, SUBSCRIBERS } from './installation.js';

export interface EpochCheck {
  readonly store: EventStore;
  /** What the topic holds; waits for Kafka. */
  readonly published: () => Promise<readonly CheckpointRow[]>;
  /** What consumers of this very process have taken in. */
  readonly own: (source: string) => Promise<readonly CheckpointRow[]>;
  /** Names of the services that run in this process. */
  readonly here: string;
  /** Asks another process, for a few seconds. */
  readonly ask: (service: string, source: string) => Promise<readonly CheckpointRow[]>;
  readonly waitMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface EpochFinding {
  /** Why a new epoch began; null: nothing was lost. */
  readonly reason: string | null;
  /** Who did not answer in time. */
  readonly skipped: readonly string[];
}

const RETRY_MS = 200;
const LATE_RETRY_MS = 5_000;
const WARN_EVERY_MS = 10_000;

export const checkEpoch = async (check: EpochCheck): Promise<EpochFinding> => {
  const source = check.store.source as Source;
  const required = REQUIRED_SUBSCRIBERS[source] ?? [];
  const asked = (SUBSCRIBERS[source] ?? []).filter((service) => service !== check.here);
  const [published, own, ...answers] = await Promise.all([
    check.published(),
    check.own(source),
    ...asked.map((service) => answerOf(check, service, required.includes(service))),
  ]);
  const claims = [...published!, ...own!, ...answers.flatMap((answer) => answer ?? [])];
  const reason = await beginEpochIfLost(check.store, claims);
  if (reason !== null) check.log.error({ source, reason }, 'history was lost; a new epoch begins');
  const skipped = asked.filter((_, at) => answers[at] === null);
  for (const service of skipped) {
    check.log.warn({ source, subscriber: service }, 'a subscriber did not say how far it is; it is asked again later');
    void askLate(check, service);
  }
  return { reason, skipped };
};

/** @returns null when it did not answer in time */
const answerOf = async (check: EpochCheck, service: string, isRequired: boolean) => {
  const began = performance.now();
  let warnedAt = began;
  for (;;) {
    check.signal.throwIfAborted();
    try {
      return await check.ask(service, check.store.source);
    } catch (error) {
      const now = performance.now();
      if (!isRequired && now - began >= check.waitMs) return null;
      if (now - warnedAt >= WARN_EVERY_MS) {
        warnedAt = now;
        const waiting = { source: check.store.source, subscriber: service, error: messageOf(error) };
        check.log.warn(waiting, 'nothing is written before this subscriber says how far it is');
      }
      await pause(RETRY_MS, check.signal);
    }
  }
};

/** Positions that were used again meanwhile are lost for that subscriber: from the new epoch on it takes part again. */
const askLate = async (check: EpochCheck, service: string): Promise<void> => {
  while (!check.signal.aborted) {
    await pause(LATE_RETRY_MS, check.signal);
    try {
      const claims = await check.ask(service, check.store.source);
      const reason = await lostHistory(check.store, claims);
      if (reason === null) return;
      check.log.error(
        { source: check.store.source, reason },
        'history was lost and events were written since; a new epoch begins',
      );
      await beginEpochIfLost(check.store, claims);
      return;
    } catch {}
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });

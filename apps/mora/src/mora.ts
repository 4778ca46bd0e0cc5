/** A Mora that works a book: what the main job needs of it, however its services run. */
import type { SteppedClock } from '@mora/eventing';
import type { SafetyReport } from '@mora/simulation';
import type { AnalyticsQueries } from './embedded.js';
import type { InstallationFacts } from './installation.js';
import type { Live } from './live-counters.js';

export interface Mora {
  readonly facts: InstallationFacts;
  readonly isNew: boolean;
  readonly clock: Pick<SteppedClock, 'now' | 'runUntil' | 'pause'>;
  readonly live: { now(): Live };
  readonly analytics: Pick<AnalyticsQueries, 'drain' | 'figures' | 'figuresOfDay' | 'summary'>;
  readonly addresses: readonly { readonly what: string; readonly where: string }[];
  /** Local midnight that ends the last day. */
  readonly endsAt: string;
  oracle(): Promise<SafetyReport>;
  /** All events in all stores. */
  eventCount(): Promise<number>;
  /** Rejects when the database stayed away; nothing can be stopped in order then. @throws DatabaseGone */
  readonly databaseGone: Promise<never>;
  stop(): Promise<void>;
}

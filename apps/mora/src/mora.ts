/** A Mora that works a book: what the main job and the command line need of it, however its services run. */
import type { SteppedClock } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { AnalyticsQueries } from './answers.js';
import type { Fault } from './faults.js';
import type { InstallationFacts } from './installation.js';
import type { Live, LiveCounters } from './live-counters.js';
import type { Asked } from './methods.js';

export interface Mora extends Asked {
  readonly facts: InstallationFacts;
  readonly isNew: boolean;
  readonly clock: Pick<SteppedClock, 'now' | 'runUntil' | 'pause'>;
  readonly live: { now(): Live };
  readonly analytics: Asked['analytics'] & Pick<AnalyticsQueries, 'figures' | 'figuresOfDay' | 'summary'>;
  readonly addresses: readonly { readonly what: string; readonly where: string }[];
  /** Local midnight that ends the last day. */
  readonly endsAt: string;
  /** All events in all stores. */
  eventCount(): Promise<number>;
  /** Resolves when its services work: at once, unless history was lost and waits for a person. */
  readonly whenBegun: Promise<void>;
  /** Rejects when the database stayed away, or lost history. @throws DatabaseGone | HistoryLost */
  readonly databaseGone: Promise<never>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly wanted: Partial<InstallationFacts>;
  /** Business milliseconds per wall millisecond at most; null: as fast as the work allows. */
  readonly maxSpeed: number | null;
  readonly httpPort: number | null;
  /** Port of `intake.v1`; 0: any free one, null: not served. */
  readonly grpcPort: number | null;
  readonly log?: Log;
  readonly checkOwnEvents?: boolean;
  /** For tests: the moment at which this process ends itself. */
  readonly fault?: Fault | null;
  /** How long a database that does not answer is waited for; 5 minutes. */
  readonly databasePatienceMs?: number;
  readonly note: (message: string) => void;
}

export interface Embedded extends Mora {
  readonly clock: SteppedClock;
  readonly live: LiveCounters;
}

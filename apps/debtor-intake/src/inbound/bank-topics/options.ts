import type { Activity } from '@mora/eventing';
import type { Log } from '@mora/telemetry';
import type { KafkaConfig } from 'kafkajs';
import type { Pool } from 'pg';
import type { Problem } from '../../bank-record/record.js';
import type { Inbound, Outcome } from '../outcome.js';
import type { Cursor } from './offsets.js';

/** What the topics need of intake. */
export interface TopicIntake {
  /** Without `park` what is refused is only told. @throws StoreUnavailable: send the same again */
  submit(inputs: readonly Inbound[], park: boolean): Promise<readonly Outcome[]>;
  park(
    refused: readonly { readonly input: Inbound; readonly problems: readonly Problem[] }[],
  ): Promise<readonly string[]>;
}

export interface BankTopicsOptions {
  readonly kafka: Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl'>;
  /** Default: `bank.overdue.v1`, `bank.payments.v1`. */
  readonly topics?: readonly string[];
  readonly groupId?: string;
  readonly intake: TopicIntake;
  /** Under which marks of records are stored. */
  readonly markKey: Uint8Array;
  readonly pool: Pool;
  readonly activity: Activity;
  readonly log: Log;
  /** Pauses after errors, in wall time; shorter in tests. */
  readonly retryMs?: number;
}

export interface BankTopicCounts {
  readonly taken: number;
  readonly duplicates: number;
  readonly parked: number;
  /** Waiting for other partitions now. */
  readonly waiting: number;
  /** Partitions begun anew because the topic is another one. */
  readonly recreated: number;
  /** Offsets that Kafka deleted before they were read. */
  readonly lost: number;
}

export interface BankTopicsLoop {
  start(): Promise<void>;
  /** Drains; idempotent. */
  stop(): Promise<void>;
  /** Of every partition, from whichever process: a coordinator compares `next` with what the bank produced. */
  cursors(): Promise<readonly Cursor[]>;
  counts(): BankTopicCounts;
}

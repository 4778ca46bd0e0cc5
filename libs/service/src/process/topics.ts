/** Topics in Kafka: own ones are made where they are missing, a wrong count of partitions is refused. */
import type { Source } from '@mora/contracts';
import {
  ensureTopics,
  type KafkaConnection,
  TopicPartitionsDiffer,
  type TopicSpec,
  topicOf,
} from '@mora/event-feed-kafka';
import type { Log } from '@mora/telemetry';
import { messageOf } from '../errors.js';
import type { ProcessConfig } from './config.js';
import { shardsOf } from './installation.js';

const RETRY_MS = 500;

export interface TopicsOptions {
  readonly kafka: KafkaConnection;
  readonly config: Pick<ProcessConfig, 'shards' | 'topicPrefix' | 'replication'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class Topics {
  constructor(private readonly options: TopicsOptions) {}

  /** Waits for Kafka. @throws TopicPartitionsDiffer */
  async ensureOwn(sources: readonly Source[]): Promise<void> {
    const { kafka, log, signal } = this.options;
    const specs = sources.map((source) => this.specOf(source));
    if (specs.length === 0) return;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        return await ensureTopics(kafka, specs);
      } catch (error) {
        if (error instanceof TopicPartitionsDiffer) throw error;
        if (tries % 20 === 0) log.warn({ error: messageOf(error) }, 'Kafka does not answer; waiting for it');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /**
   * Of sources that are read here: made too, so that nobody waits for their owners to start; these make them anyhow.
   * @throws TopicPartitionsDiffer
   */
  async ensureForeign(sources: readonly Source[]): Promise<void> {
    if (sources.length === 0) return;
    try {
      await ensureTopics(
        this.options.kafka,
        sources.map((source) => this.specOf(source)),
      );
    } catch (error) {
      if (error instanceof TopicPartitionsDiffer) throw error;
      this.options.log.warn({ error: messageOf(error) }, 'topics of other services are not there yet');
    }
  }

  private specOf(source: Source): TopicSpec {
    const { shards, topicPrefix, replication } = this.options.config;
    return { topic: topicOf(source, topicPrefix), partitions: shardsOf(source, shards), replication };
  }
}

/** A topic exists with another number of partitions than there are shards: nothing may be written to it. */
export class TopicPartitionsDiffer extends Error {
  readonly code = 'TOPIC_PARTITIONS_DIFFER';
  constructor(
    readonly topic: string,
    readonly wanted: number,
    readonly found: number,
  ) {
    super(`topic ${topic} has ${found} partitions, ${wanted} are needed: one per shard, fixed at installation`);
    this.name = 'TopicPartitionsDiffer';
  }
}

/** Kafka could not be asked. Retry. */
export class TopicsUnavailable extends Error {
  readonly code = 'TOPICS_UNAVAILABLE';
  constructor(
    readonly topics: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`topics ${topics.join(', ')} can be neither found nor created`, options);
    this.name = 'TopicsUnavailable';
  }
}

/** An event is larger than the topic takes. Readers get it through `Read`, as any gap; later events are published. */
export class EventTooLarge extends Error {
  readonly code = 'EVENT_TOO_LARGE';
  constructor(
    readonly topic: string,
    readonly shard: number,
    readonly position: number,
    readonly bytes: number,
    options?: ErrorOptions,
  ) {
    super(`${topic} shard ${shard} position ${position} has ${bytes} bytes, more than the topic takes`, options);
    this.name = 'EventTooLarge';
  }
}

/** A send was answered without naming the partition that was sent. */
export class NotAcknowledged extends Error {
  readonly code = 'NOT_ACKNOWLEDGED';
  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {
    super(`Kafka's answer does not name partition ${partition} of ${topic}`);
    this.name = 'NotAcknowledged';
  }
}

/** The publisher was closed before Kafka acknowledged; what it did not, is published at the next start. */
export class PublisherClosed extends Error {
  readonly code = 'PUBLISHER_CLOSED';
  constructor(readonly topic: string) {
    super(`the publisher of ${topic} is closed`);
    this.name = 'PublisherClosed';
  }
}

/** The ends of a topic's partitions could not be read in time. Retry. */
export class TailUnread extends Error {
  readonly code = 'TAIL_UNREAD';
  constructor(readonly topic: string) {
    super(`the last records of ${topic} could not be read in time`);
    this.name = 'TailUnread';
  }
}

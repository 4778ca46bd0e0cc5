export {
  type BadRecordReason,
  type DecodedRecord,
  decodeRecord,
  encodeEvent,
  encodeWatermark,
  type HeaderValue,
  type KafkaRecord,
  type OutgoingRecord,
} from './cloud-event.js';
export { type KafkaConnection, type KafkaLogin, type KafkaLogLine, kafkaClient } from './connection.js';
export * from './errors.js';
export {
  type BadRecord,
  createKafkaFeeds,
  type FeedFigures,
  type FeedLag,
  type KafkaFeeds,
  type KafkaFeedsOptions,
  type KafkaSource,
} from './kafka-feed.js';
export type { AcknowledgedPartition, Compression, PartitionRecord, RecordProducer } from './producer-port.js';
export { KafkaPublisher, type KafkaPublisherOptions, type PublisherPorts } from './publisher.js';
export { type LastRecord, readLastRecords, type TailOptions } from './tail.js';
export { ensureTopics, MAX_BATCH_BYTES, type TopicSpec, topicOf } from './topics.js';

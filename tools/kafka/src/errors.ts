/** Kafka cannot be fetched or started; the message says in one line what to do. */
export class KafkaUnavailable extends Error {
  readonly code = 'KAFKA_UNAVAILABLE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KafkaUnavailable';
  }
}

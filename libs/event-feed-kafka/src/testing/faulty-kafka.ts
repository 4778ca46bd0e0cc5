/**
 * A topic whose client has the three faults that were measured in kafkajs 2.2.4: (1) a send over several partitions that is
 * retried inside the client can resolve although some were never sent; (2) its sequence number is taken back when a send fails,
 * so that the next batch gets the number of one that the broker may have; (3) once broker and producer disagree about numbers,
 * every later send of that producer fails with OUT_OF_ORDER_SEQUENCE_NUMBER.
 */
import type { AcknowledgedPartition, PartitionRecord, RecordProducer } from '../producer-port.js';

/** What happens to a send; default: all is well. */
export type Fate =
  | 'written'
  /** Appended, but the answer is lost until the client gives up. */
  | 'answer-lost'
  /** Never reached the broker; the client gives up. */
  | 'request-lost'
  /** A leader moves during the send: only the first partition is written, and the client calls that success. */
  | 'leader-moves'
  /** Never written; the client calls it success without naming a partition. */
  | 'unnamed'
  | 'too-large';

interface Written {
  readonly first: number;
  readonly count: number;
}

const protocolError = (type: string): Error =>
  Object.assign(new Error('kafkajs gave up'), { cause: Object.assign(new Error(type), { type }) });

export class FaultyKafka {
  /** Ids per partition, as they lie in the log. */
  readonly log: string[][];
  /** Every send: what and on which producer. */
  readonly sends: {
    readonly producer: number;
    readonly partitions: readonly number[];
    readonly ids: readonly string[];
  }[] = [];
  /** The most sends that were in flight for one partition at once. */
  mostInFlight = 0;
  made = 0;
  closed = 0;
  private readonly inFlight: number[];

  constructor(
    partitions: number,
    private readonly fateOf: (send: number, ids: readonly string[]) => Fate = () => 'written',
    private readonly sendMs = 1,
  ) {
    this.log = Array.from({ length: partitions }, () => []);
    this.inFlight = Array.from({ length: partitions }, () => 0);
  }

  readonly producers = async (): Promise<RecordProducer> => {
    const producer = ++this.made;
    const sequence = this.log.map(() => 0);
    const written: (Written | null)[] = this.log.map(() => null);
    return {
      send: (_topic, records) => this.send(producer, records, sequence, written),
      close: async () => {
        this.closed += 1;
      },
    };
  };

  private async send(
    producer: number,
    records: readonly PartitionRecord[],
    sequence: number[],
    written: (Written | null)[],
  ): Promise<readonly AcknowledgedPartition[]> {
    const byPartition = Map.groupBy(records, ({ partition }) => partition);
    const partitions = [...byPartition.keys()];
    const ids = records.map(({ headers }) => headers['ce_id']!);
    const fate = this.fateOf(this.sends.length, ids);
    this.sends.push({ producer, partitions, ids });
    const numbered = new Map<number, number>();
    for (const [partition, own] of byPartition) {
      numbered.set(partition, sequence[partition]!);
      sequence[partition]! += own.length;
      this.inFlight[partition]! += 1;
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight[partition]!);
    }
    await new Promise((resolve) => setTimeout(resolve, this.sendMs));
    for (const partition of partitions) this.inFlight[partition]! -= 1;
    const takeBack = (type: string): never => {
      for (const [partition, own] of byPartition) sequence[partition]! -= own.length;
      throw protocolError(type);
    };
    if (fate === 'too-large') return takeBack('MESSAGE_TOO_LARGE');
    if (fate === 'request-lost') return takeBack('REQUEST_TIMED_OUT');
    if (fate === 'unnamed') return [];
    const reached = fate === 'leader-moves' ? partitions.slice(0, 1) : partitions;
    for (const partition of reached) {
      const own = byPartition.get(partition)!;
      if (!this.append(partition, own, numbered.get(partition)!, written))
        return takeBack('OUT_OF_ORDER_SEQUENCE_NUMBER');
    }
    if (fate === 'answer-lost') return takeBack('REQUEST_TIMED_OUT');
    return reached.map((partition) => ({ partition, errorCode: 0 }));
  }

  /** The broker: a number it has is acknowledged and dropped, the next one appended, any other refused. */
  private append(
    partition: number,
    records: readonly PartitionRecord[],
    first: number,
    written: (Written | null)[],
  ): boolean {
    const last = written[partition];
    const expected = last ? last.first + last.count : 0;
    if (last && first === last.first && records.length === last.count) return true;
    if (first !== expected) return false;
    written[partition] = { first, count: records.length };
    this.log[partition]!.push(...records.map(({ headers }) => headers['ce_id']!));
    return true;
  }
}

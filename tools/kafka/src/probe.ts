import { connect } from 'node:net';

const DESCRIBE_CLUSTER = 60;
const TAGS = 0;

export interface ClusterDescription {
  readonly clusterId: string;
  /** Node id of the active controller as a broker tells it: any live broker, in KRaft. */
  readonly controllerId: number;
  /** Node ids of the brokers that are registered and not fenced. */
  readonly brokerIds: readonly number[];
}

/**
 * Asks one broker for its cluster over Kafka's own protocol (DescribeCluster, version 0); no client library, no retries.
 * @throws when nothing answers in time or what answers is no Kafka.
 */
export const describeCluster = (port: number, timeoutMs = 2_000): Promise<ClusterDescription> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const chunks: Buffer[] = [];
    const end = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => end(new Error(`port ${port} does not answer within ${timeoutMs} ms`)));
    socket.on('error', end);
    socket.on('close', () => reject(new Error(`port ${port} hung up`)));
    socket.on('connect', () => socket.write(request()));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length < 4 || all.length < 4 + all.readInt32BE(0)) return;
      try {
        resolve(parseDescription(all.subarray(4)));
        socket.destroy();
      } catch (error) {
        end(error as Error);
      }
    });
  });

const request = (): Buffer => {
  const header = Buffer.from([0, DESCRIBE_CLUSTER, 0, 0, 0, 0, 0, 1, 0xff, 0xff, TAGS]);
  const body = Buffer.from([0, TAGS]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(header.length + body.length);
  return Buffer.concat([size, header, body]);
};

/** @param answer without its leading size. */
export const parseDescription = (answer: Buffer): ClusterDescription => {
  let at = 0;
  const int32 = () => {
    at += 4;
    return answer.readInt32BE(at - 4);
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const text = (): string => {
    const length = Math.max(0, varint() - 1);
    at += length;
    return answer.toString('utf8', at - length, at);
  };
  const tags = () => {
    for (let left = varint(); left > 0; left--) {
      varint();
      at += varint();
    }
  };
  int32(); // correlation id
  tags();
  int32(); // throttle time
  const error = answer.readInt16BE(at);
  at += 2;
  const message = text();
  if (error !== 0) throw new Error(`DescribeCluster answered ${error} ${message}`);
  const clusterId = text();
  const controllerId = int32();
  const brokerIds: number[] = [];
  for (let left = varint() - 1; left > 0; left--) {
    brokerIds.push(int32());
    text(); // host
    int32(); // port
    text(); // rack
    tags();
  }
  return { clusterId, controllerId, brokerIds };
};

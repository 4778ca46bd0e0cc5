/** How Kafka is reached, and the settings under which kafkajs was measured to lose nothing. */

import type { ConnectionOptions } from 'node:tls';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs, { CompressionTypes, Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';

export interface KafkaConnection {
  /** `host:port` of some brokers; the others are found. */
  readonly brokers: readonly string[];
  /** The service's name, shown in the brokers' logs and quotas. */
  readonly clientId: string;
  /** True: TLS under the system's authorities. An object: own authority and, where asked for, the client's certificate. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: KafkaLogin;
  /** kafkajs's own log lines, warnings and errors; without it they are dropped. */
  readonly log?: (line: KafkaLogLine) => void;
}

export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaLogLine {
  readonly level: 'error' | 'warn';
  readonly message: string;
  readonly groupId?: string;
}

/** Backoff inside kafkajs. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 } as const;
export const REQUEST_TIMEOUT_MS = 5_000;
/** A batch of ours unpacks to far less. */
const UNPACKED_LIMIT = 64 * 1024 * 1024;

/** kafkajs has no working zstd of its own. Node finds not all of its CommonJS names, hence the default. */
kafkajs.CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { readonly buffer: Buffer }) => zstdCompressSync(encoder.buffer),
  decompress: async (packed: Buffer) => zstdDecompressSync(packed, { maxOutputLength: UNPACKED_LIMIT }),
});

export const kafkaClient = (
  { brokers, clientId, ssl, sasl, log }: KafkaConnection,
  retries: number = RETRY.retries,
): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 1_000,
    retry: { ...RETRY, retries },
    logLevel: log ? logLevel.WARN : logLevel.NOTHING,
    logCreator: () => (entry) => log?.(lineOf(entry)),
  });

const lineOf = ({ level, log }: LogEntry): KafkaLogLine => ({
  level: level === logLevel.ERROR ? 'error' : 'warn',
  message: log.message,
  ...(typeof log['groupId'] === 'string' ? { groupId: log['groupId'] } : {}),
});

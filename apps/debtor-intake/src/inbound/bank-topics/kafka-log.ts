import type { Log } from '@mora/telemetry';
import kafkajs, { type logCreator } from 'kafkajs';

/** What kafkajs says, in our log: warnings and errors only, and never its extra fields but the topic. */
export const quietLog =
  (log: Log): logCreator =>
  () =>
  ({ level, log: { message, topic, partition } }) => {
    const fields = { ...(topic === undefined ? {} : { topic }), ...(partition === undefined ? {} : { partition }) };
    if (level === kafkajs.logLevel.ERROR) log.warn(fields, `kafka client: ${message}`);
    else if (level === kafkajs.logLevel.WARN) log.info(fields, `kafka client: ${message}`);
  };

/** Of errors only what cannot quote a record. */
export const plain = (error: unknown): { readonly error: string; readonly code?: string } => {
  if (!(error instanceof Error)) return { error: 'unknown' };
  const code = 'code' in error ? String(error.code) : undefined;
  return { error: `${error.name}: ${error.message}`.slice(0, 300), ...(code === undefined ? {} : { code }) };
};

/** Between `feed.v1` and the event core. Data and meta cross as their JSON, byte for byte. */
import type { Cursor, EventEnvelope, EventMeta } from '@mora/contracts';
import type { CheckpointRow, ReadResult, Watermark } from '@mora/eventing';
import type { feedV1 } from '../generated.js';
import { MalformedAnswer, safeInteger } from '../remote.js';

const START: Cursor = { epoch: 0, position: 0 };
const malformed = () => new MalformedAnswer('number: it is beyond the safe integers');

export const cursorMessage = ({ epoch, position }: Cursor) => ({ epoch, position: BigInt(position) });

export const cursorOf = (message: feedV1.Cursor | undefined, failed: () => Error): Cursor =>
  message === undefined ? START : { epoch: message.epoch, position: safeInteger(message.position, failed) };

const cursorThere = (message: feedV1.Cursor | undefined, what: string): Cursor => {
  if (message === undefined) throw new MalformedAnswer(`${what}: it is not there`);
  return cursorOf(message, malformed);
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');

const eventMessage = ({ data, meta, position, version, ...rest }: EventEnvelope) => ({
  ...rest,
  position: BigInt(position),
  version: BigInt(version),
  data: json(data),
  meta: json(meta),
});

/** The other fields of an event together. */
const FRAME_BYTES = 512;

/** As many events from the first on as fit into `maxBytes`, at least one. */
const fitting = (events: readonly EventEnvelope[], maxBytes: number) => {
  const messages: ReturnType<typeof eventMessage>[] = [];
  let bytes = 0;
  for (const event of events) {
    const message = eventMessage(event);
    bytes += message.data.length + message.meta.length + FRAME_BYTES;
    if (bytes > maxBytes && messages.length > 0) break;
    messages.push(message);
  }
  return messages;
};

export const readMessage = ({ from, events, head }: ReadResult, maxBytes: number) => ({
  from: cursorMessage(from),
  events: fitting(events, maxBytes),
  head: cursorMessage(head),
});

const parsed = (bytes: Uint8Array, what: string): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new MalformedAnswer(`event: ${what}`, { cause });
  }
};

const eventOf = (message: feedV1.Event): EventEnvelope => {
  const { id, type, source, epoch, shard, stream, subject, recordedAt } = message;
  const meta = parsed(message.meta, 'meta');
  if (typeof meta !== 'object' || meta === null) throw new MalformedAnswer('event: meta');
  return {
    id,
    type,
    source,
    epoch,
    shard,
    position: safeInteger(message.position, malformed),
    stream,
    version: safeInteger(message.version, malformed),
    subject,
    data: parsed(message.data, 'data'),
    meta: meta as EventMeta,
    recordedAt,
  };
};

/** @throws MalformedAnswer also when an event is of another source or shard, or out of order */
export const readResultOf = (
  message: feedV1.ReadResponse,
  asked: { readonly source: string; readonly shard: number },
): ReadResult => {
  const from = cursorThere(message.from, 'from');
  const events = message.events.map(eventOf);
  events.forEach((event, index) => {
    if (event.source !== asked.source || event.shard !== asked.shard)
      throw new MalformedAnswer('event: it is of another source or shard');
    if (event.position !== from.position + 1 + index) throw new MalformedAnswer('event: it is out of order');
  });
  return { from, events, head: cursorThere(message.head, 'head') };
};

export const watermarkMessage = (mark: Watermark) => ({ cursor: cursorMessage(mark), at: mark.at });

export const watermarkOf = ({ cursor, at }: feedV1.WatermarkResponse): Watermark => {
  if (Number.isNaN(Date.parse(at))) throw new MalformedAnswer('watermark: at');
  return { ...cursorThere(cursor, 'watermark'), at };
};

export const checkpointMessage = ({ processor, shard, epoch, position, eventId }: CheckpointRow) => ({
  processor,
  shard,
  epoch,
  position: BigInt(position),
  eventId,
});

export const checkpointOf = (message: feedV1.Checkpoint, source: string): CheckpointRow => ({
  processor: message.processor,
  source,
  shard: message.shard,
  epoch: message.epoch,
  position: safeInteger(message.position, malformed),
  eventId: message.eventId,
});

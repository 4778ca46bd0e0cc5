/**
 * An event as a Kafka record: CloudEvents 1.0, Kafka protocol binding, binary content mode. Header names and values are
 * published. The value is the data's JSON, `mora_meta` the meta's. Both are written by `JSON.stringify` from what
 * `JSON.parse` gave, which for text that `JSON.stringify` wrote (as our stores' is) yields the same bytes.
 */
import type { Cursor, EventEnvelope, EventMeta } from '@mora/contracts';
import type { Watermark } from '@mora/eventing';

/** A header that is given several times comes as an array. */
export type HeaderValue = Buffer | string | (Buffer | string)[] | undefined;

/** A record as the client library delivers it. */
export interface KafkaRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
}

/** A record that is to be sent. */
export interface OutgoingRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Why a record of our own topics cannot be read. */
export type BadRecordReason =
  | 'missing-header'
  | 'duplicate-header'
  | 'bad-header'
  | 'other-spec-version'
  | 'structured-mode'
  | 'not-json'
  | 'wrong-source'
  | 'no-value'
  | 'bad-utf8'
  | 'bad-json'
  | 'key-differs';

export type DecodedRecord =
  | { readonly kind: 'event'; readonly event: EventEnvelope }
  /** `lastId`: the event at the mark's position, where the publisher knew it. */
  | { readonly kind: 'watermark'; readonly mark: Watermark; readonly lastId: string | null }
  /** `header` is a name of ours; nothing of the record's content is repeated. */
  | { readonly kind: 'bad'; readonly reason: BadRecordReason; readonly header?: string };

const CONTENT_TYPE = 'application/json';
const WATERMARK_TYPE = 'mora.watermark';

export const encodeEvent = (event: EventEnvelope): OutgoingRecord => ({
  key: event.subject,
  value: Buffer.from(JSON.stringify(event.data), 'utf8'),
  headers: {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: `mora.${event.source}.${event.type}`,
    ce_source: `mora/${event.source}`,
    ce_subject: event.subject,
    ce_time: event.meta.at,
    'content-type': CONTENT_TYPE,
    mora_epoch: String(event.epoch),
    mora_position: String(event.position),
    mora_stream: event.stream,
    mora_version: String(event.version),
    mora_recorded_at: event.recordedAt,
    mora_meta: JSON.stringify(event.meta),
    ...(event.meta.traceparent === null ? {} : { traceparent: event.meta.traceparent }),
  },
});

/** @param lastId of the event at the mark's position, where it is known: then the partition's last record tells it. */
export const encodeWatermark = (
  source: string,
  shard: number,
  { epoch, position, at }: Watermark,
  lastId: string | null,
): OutgoingRecord => ({
  key: 'watermark',
  value: Buffer.from(JSON.stringify({ source, epoch, shard, position, at })),
  headers: {
    ce_specversion: '1.0',
    ce_id: `${source}/${epoch}/${shard}/${position}@${at}`,
    ce_type: WATERMARK_TYPE,
    ce_source: `mora/${source}`,
    ce_time: at,
    'content-type': CONTENT_TYPE,
    mora_epoch: String(epoch),
    mora_position: String(position),
    ...(lastId === null ? {} : { mora_last_id: lastId }),
  },
});

/** About what a record takes in a batch: the record format adds a few bytes to each part. */
export const sizeOf = ({ key, value, headers }: OutgoingRecord): number => {
  let bytes = 32 + Buffer.byteLength(key) + value.length;
  for (const name in headers) bytes += 8 + name.length + Buffer.byteLength(headers[name]!);
  return bytes;
};

class Bad extends Error {
  constructor(
    readonly reason: BadRecordReason,
    readonly header?: string,
  ) {
    super(reason);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const text = (bytes: Buffer | string, header?: string): string => {
  if (typeof bytes === 'string') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    throw header === undefined ? new Bad('bad-utf8') : new Bad('bad-header', header);
  }
};

/** Every header as text. */
const headersOf = (record: KafkaRecord): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    if (value === undefined) continue;
    if (Array.isArray(value)) throw new Bad('duplicate-header', known(name));
    headers.set(name, text(value, known(name)));
  }
  return headers;
};

/** Names of headers in reports: only ours, not whatever somebody sent. */
const known = (name: string): string =>
  /^(ce|mora)_[a-z_]{1,20}$|^content-type$|^traceparent$/.test(name) ? name : 'other';

const required = (headers: ReadonlyMap<string, string>, name: string): string => {
  const value = headers.get(name);
  if (value === undefined || value === '') throw new Bad('missing-header', name);
  return value;
};
const whole = (headers: ReadonlyMap<string, string>, name: string, least: number): number => {
  const value = required(headers, name);
  const number = Number(value);
  if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(number) || number < least) throw new Bad('bad-header', name);
  return number;
};
const instant = (headers: ReadonlyMap<string, string>, name: string): string => {
  const value = required(headers, name);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) || Number.isNaN(Date.parse(value)))
    throw new Bad('bad-header', name);
  return value;
};

/** @param source whose topic it is; @param shard the partition */
export const decodeRecord = (record: KafkaRecord, source: string, shard: number): DecodedRecord => {
  try {
    return decode(record, source, shard);
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    const { reason, header } = error;
    return { kind: 'bad', reason, ...(header === undefined ? {} : { header }) };
  }
};

const decode = (record: KafkaRecord, source: string, shard: number): DecodedRecord => {
  const headers = headersOf(record);
  const contentType = required(headers, 'content-type').toLowerCase();
  if (contentType.startsWith('application/cloudevents')) throw new Bad('structured-mode', 'content-type');
  if (required(headers, 'ce_specversion') !== '1.0') throw new Bad('other-spec-version', 'ce_specversion');
  if (!/^application\/json\s*(;|$)/.test(contentType)) throw new Bad('not-json', 'content-type');
  const id = required(headers, 'ce_id');
  const type = required(headers, 'ce_type');
  if (required(headers, 'ce_source') !== `mora/${source}`) throw new Bad('wrong-source', 'ce_source');
  const cursor: Cursor = { epoch: whole(headers, 'mora_epoch', 1), position: whole(headers, 'mora_position', 0) };
  if (type === WATERMARK_TYPE) {
    const mark = { ...cursor, at: instant(headers, 'ce_time') };
    return { kind: 'watermark', mark, lastId: headers.get('mora_last_id') ?? null };
  }
  const prefix = `mora.${source}.`;
  if (!type.startsWith(prefix) || type.length === prefix.length) throw new Bad('wrong-source', 'ce_type');
  if (cursor.position < 1) throw new Bad('bad-header', 'mora_position');
  const subject = required(headers, 'ce_subject');
  if (record.key === null || text(record.key) !== subject) throw new Bad('key-differs', 'ce_subject');
  const recordedAt = instant(headers, 'mora_recorded_at');
  if (record.value === null) throw new Bad('no-value');
  const event: EventEnvelope = {
    id,
    type: type.slice(prefix.length),
    source,
    ...cursor,
    shard,
    stream: required(headers, 'mora_stream'),
    version: whole(headers, 'mora_version', 1),
    subject,
    data: json(text(record.value)),
    meta: metaOf(required(headers, 'mora_meta')),
    recordedAt,
  };
  return { kind: 'event', event };
};

const json = (content: string): unknown => {
  try {
    return JSON.parse(content);
  } catch {
    throw new Bad('bad-json');
  }
};

/** Its fields are not checked one by one: a newer writer may add some. */
const metaOf = (content: string): EventMeta => {
  let meta: unknown;
  try {
    meta = JSON.parse(content);
  } catch {
    throw new Bad('bad-header', 'mora_meta');
  }
  const isMeta =
    typeof meta === 'object' &&
    meta !== null &&
    ['at', 'cause', 'correlationId', 'build'].every((name) => typeof Reflect.get(meta, name) === 'string') &&
    typeof Reflect.get(meta, 'after') === 'object' &&
    Reflect.get(meta, 'after') !== null;
  if (!isMeta) throw new Bad('bad-header', 'mora_meta');
  return meta as EventMeta;
};

/**
 * A record of the bank's topics as fields for the one validator, or why not. CloudEvents 1.0, JSON, in structured mode
 * (`content-type: application/cloudevents+json`) or binary mode (`ce_…` headers). It never throws, whatever the bytes are.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { BANK_EVENT_TYPES, type BankEventType, typeNameOf } from '@mora/contracts';
import { FIELDS } from '../../bank-record/columns.js';
import { hintOf } from '../../bank-record/hint.js';
import type { Problem, RawRecord } from '../../bank-record/record.js';
import { isJsonObject, type Json, JsonNumber, parseJson } from './json-text.js';
import { MOST_HEADERS } from './many-headers.js';

/** As a Kafka client hands it over; a header that is there twice is a list. */
export interface KafkaRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, unknown>>;
}

export type BankEvent =
  | {
      readonly ok: true;
      readonly type: BankEventType;
      readonly raw: RawRecord;
      readonly traceparent: string | null;
    }
  | { readonly ok: false; readonly raw: RawRecord; readonly problems: readonly Problem[] };

/** Of a record's value, as sent and when unpacked; the largest sensible record has a tenth of it. */
export const MOST_BYTES = 262_144;
const KEPT_CHARACTERS = 65_536;
const EARLIEST_YEAR = 2000;
const LATEST_YEAR = 2199;
const DATED = ['business_date', 'due_date', 'value_date', 'posted_at', 'as_of'];
const INSTANT = /^(\d{4})-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

type Attributes = { readonly [name: string]: Json };

/** Ends the reading of one record; never leaves this file. */
class Unreadable extends Error {
  readonly code = 'UNREADABLE';
  constructor(readonly problem: Problem) {
    super(problem.reason);
    this.name = 'Unreadable';
  }
}

const refuse = (field: string, reason: string, value = ''): never => {
  throw new Unreadable({ field, reason, value: hintOf(value) });
};

export const readBankEvent = (record: KafkaRecord): BankEvent => {
  try {
    return eventOf(record);
  } catch (error) {
    const problem =
      error instanceof Unreadable ? error.problem : { field: 'value', reason: 'could not be read', value: '' };
    return { ok: false, raw: keptOf(record), problems: [problem] };
  }
};

const eventOf = (record: KafkaRecord): BankEvent => {
  const headers = headersOf(record.headers);
  if (record.value === null) return refuse('value', 'is null (a tombstone says nothing here)');
  if (record.value.length === 0) return refuse('value', 'is empty');
  if (record.value.length > MOST_BYTES) return refuse('value', tooLarge(record.value.length));
  const structured = isStructured(headers);
  const body = parseJson(textOf('value', unpacked(record.value, headers.get('content-encoding'))));
  if (!body.ok) return refuse('value', body.reason, body.value);
  const { attributes, data } = structured ? inBody(body.value, headers) : inHeaders(body.value, headers);
  const type = typeOf(attributes);
  if (!isJsonObject(data)) return refuse('data', data === undefined ? 'is missing' : 'is not an object of fields');
  const event = recordOf(type, idOf(attributes, data), data);
  return event.ok ? { ...event, traceparent: traceparentOf(record.headers, attributes) } : event;
};

/** The client's header, else CloudEvents' attribute of that name; one that cannot be read is no fault of the record. */
const traceparentOf = (headers: KafkaRecord['headers'], attributes: Attributes): string | null => {
  const header = headers['traceparent'];
  const said = header instanceof Uint8Array ? Buffer.from(header).toString('latin1') : header;
  return (
    ([said, attributes['traceparent']].find((one) => typeof one === 'string' && TRACEPARENT.test(one)) as
      | string
      | null) ?? null
  );
};

const tooLarge = (bytes: number): string => `has ${bytes} bytes, at most ${MOST_BYTES} are taken`;

const headersOf = (headers: KafkaRecord['headers']): ReadonlyMap<string, string> => {
  const count = Object.values(headers).reduce<number>((sum, one) => sum + (Array.isArray(one) ? one.length : 1), 0);
  if (count > MOST_HEADERS) refuse('headers', `are more than ${MOST_HEADERS}`);
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    if (!name.startsWith('ce_') && name !== 'content-type' && name !== 'content-encoding') continue;
    if (Array.isArray(value) || found.has(name)) refuse(`header ${name}`, 'is there more than once');
    if (value instanceof Uint8Array) found.set(name, textOf(`header ${name}`, value));
    else if (typeof value === 'string') found.set(name, value);
  }
  return found;
};

const textOf = (field: string, bytes: Uint8Array): string => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return refuse(field, 'begins with a byte order mark');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(field, 'is not UTF-8');
  }
};

const unpacked = (bytes: Uint8Array, encoding: string | undefined): Uint8Array => {
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip') return refuse('header content-encoding', 'is not gzip or identity', encoding);
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if (isTooLarge(error)) return refuse('value', `unpacks to more than the ${MOST_BYTES} bytes that are taken`);
    return refuse('value', 'is not gzip, as its content-encoding says');
  }
};

/** What zlib and our own unpackers say at their limits. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof RangeError || (error as { readonly code?: unknown } | null)?.code === 'ERR_BUFFER_TOO_LARGE';

const isStructured = (headers: ReadonlyMap<string, string>): boolean => {
  const [media = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((s) => s.trim());
  const refuseType = (reason: string) => refuse('header content-type', reason, media);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    return refuseType('names another charset than UTF-8');
  if (media.startsWith('application/cloudevents')) {
    return media === 'application/cloudevents+json' || refuseType('is not application/cloudevents+json');
  }
  if (![...headers.keys()].some((name) => name.startsWith('ce_'))) {
    const said = media === '' ? 'is missing' : 'is not application/cloudevents+json';
    return refuseType(`${said}, and there are no ce_ headers: neither mode of CloudEvents`);
  }
  if (media !== '' && !isJsonType(media)) return refuseType('is not a JSON type');
  return false;
};

const isJsonType = (media: string): boolean => /^application\/(?:[\w.+-]+\+)?json$/.test(media.split(';')[0]!.trim());

const inHeaders = (data: Json, headers: ReadonlyMap<string, string>) => ({
  attributes: Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith('ce_')).map(([name, value]) => [name.slice(3), value]),
  ),
  data,
});

const inBody = (body: Json, headers: ReadonlyMap<string, string>) => {
  if (!isJsonObject(body)) return refuse('value', 'is not an object');
  for (const [name, value] of headers) {
    const said = name.startsWith('ce_') ? body[name.slice(3)] : undefined;
    if (said !== undefined && said !== value)
      refuse(`header ${name}`, `differs from ${name.slice(3)} in the body`, value);
  }
  if (body['data_base64'] !== undefined) return refuse('data_base64', 'is not taken: the data is JSON, in data');
  const type = body['datacontenttype'] ?? 'application/json';
  if (typeof type !== 'string' || !isJsonType(type.toLowerCase()))
    return refuse('datacontenttype', 'is not a JSON type');
  return { attributes: body, data: body['data'] };
};

const attribute = (attributes: Attributes, name: string): string => {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value === undefined || value === null || value === '') return refuse(name, 'is missing');
  return typeof value === 'string' ? value : refuse(name, 'is not a text');
};

const typeOf = (attributes: Attributes): BankEventType => {
  const specversion = attribute(attributes, 'specversion');
  if (specversion !== '1.0') refuse('specversion', 'is not 1.0', specversion);
  const said = attribute(attributes, 'type');
  const known = BANK_EVENT_TYPES.find((type) => typeNameOf(type) === said);
  if (known) return known;
  const [, name, version] = /^(.+)\.v(\d{1,9})$/.exec(said) ?? [];
  const other = BANK_EVENT_TYPES.find((type) => type.name === name);
  if (other) return refuse('type', `is version ${version}; known is version ${other.version}`, said);
  return refuse('type', `is none of ${BANK_EVENT_TYPES.map(typeNameOf).join(', ')}`, said);
};

/**
 * CloudEvents makes (source, id) unique. A bank that also names the fact `bank_event_id` in the data says that the id alone
 * is unique, in files and calls too.
 */
const idOf = (attributes: Attributes, data: Attributes): string => {
  const id = attribute(attributes, 'id');
  const source = attribute(attributes, 'source');
  const time = attributes['time'] ?? null;
  if (time !== null) {
    const year = Number(typeof time === 'string' ? INSTANT.exec(time)?.[1] : undefined);
    if (!(year >= EARLIEST_YEAR && year <= LATEST_YEAR)) {
      refuse('time', `is not an instant between ${EARLIEST_YEAR} and ${LATEST_YEAR}`, String(time));
    }
  }
  const named = data['bank_event_id'] ?? null;
  if (named === null) return `${sourceName(source)}:${id}`;
  return named === id ? id : refuse('bank_event_id', "differs from the event's id", String(named));
};

/** As long as it takes to tell sources apart: an identifier has room for 64 characters. */
const sourceName = (source: string): string => createHash('sha256').update(source).digest('hex').slice(0, 12);

const recordOf = (type: BankEventType, bankEventId: string, data: Attributes): BankEvent => {
  const raw: Record<string, string> = { record: type.kind };
  const problems: Problem[] = [];
  const bad = (field: string, reason: string, text: string) => problems.push({ field, reason, value: hintOf(text) });
  for (const field of FIELDS[type.kind]) {
    const value = Object.hasOwn(data, field) ? data[field]! : null;
    if (value === null) continue;
    const text = typeof value === 'string' ? value : value instanceof JsonNumber ? value.text : JSON.stringify(value);
    raw[field] = text;
    if (value instanceof JsonNumber) {
      if (!INTEGER.test(value.text)) bad(field, 'is a JSON number with a fraction or exponent: send it as text', text);
    } else if (typeof value !== 'string') bad(field, 'is neither a text nor a whole number', '');
    if (DATED.includes(field) && /^\d{4}-/.test(text) && Number(text.slice(0, 4)) < EARLIEST_YEAR) {
      bad(field, `lies before the year ${EARLIEST_YEAR}`, text);
    }
  }
  const said = data['record'] ?? null;
  if (said !== null && said !== type.kind) bad('record', `is not ${type.kind}, as the event's type says`, String(said));
  raw['bank_event_id'] = bankEventId;
  return problems.length === 0 ? { ok: true, type, raw, traceparent: null } : { ok: false, raw, problems };
};

/** What is kept of a record that could not be read, for whoever looks into it: text where it is text. */
const keptOf = ({ key, value, headers }: KafkaRecord): RawRecord => ({
  row: value === null ? '' : shown(value),
  ...(key === null ? {} : { kafka_key: shown(key) }),
  kafka_headers: JSON.stringify(
    Object.entries(headers).flatMap(([name, held]) =>
      (Array.isArray(held) ? held : [held]).map((one: unknown) => [
        name,
        one instanceof Uint8Array ? shown(one) : typeof one === 'string' ? one : null,
      ]),
    ),
  ).slice(0, KEPT_CHARACTERS),
});

export const shown = (bytes: Uint8Array): string => {
  const head = bytes.subarray(0, KEPT_CHARACTERS);
  const rest = bytes.length > head.length ? ` … of ${bytes.length} bytes` : '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head) + rest;
  } catch {
    return `base64:${Buffer.from(head).toString('base64')}${rest}`;
  }
};

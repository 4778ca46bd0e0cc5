/**
 * Unpacks Kafka's record sets in every compression that the bank's producers may use. kafkajs brings gzip only, takes any
 * size, and one set that it cannot unpack ends its consumer for all partitions: here such a set comes out as records that
 * say so (`UNREADABLE_HEADER`), as many as were in it, so that it can be parked and the partition goes on.
 */
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { isTooLarge } from './bank-event.js';
import { unpackLz4 } from './lz4.js';
import { unpackSnappy } from './snappy.js';

/** Header of a record that stands for one in a record set that could not be unpacked; its value is why. */
export const UNREADABLE_HEADER = 'mora-unreadable-record-set';
/** Of one record set, unpacked. Producers pack about 16 KB, at most 1 MB unless they are told otherwise. */
export const MOST_UNPACKED_BYTES = 16_777_216;
const MOST_RECORDS = 100_000;

type Unpack = (packed: Buffer) => Buffer | Promise<Buffer>;

const limit = { maxOutputLength: MOST_UNPACKED_BYTES };
const gunzipAsync = promisify(gunzip) as (bytes: Buffer, options: typeof limit) => Promise<Buffer>;
const zstdAsync = promisify(zstdDecompress) as (bytes: Buffer, options: typeof limit) => Promise<Buffer>;
const gzipAsync = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>;
const zstdCompressAsync = promisify(zstdCompress) as (bytes: Buffer) => Promise<Buffer>;

export const unpackers = {
  gzip: (packed: Buffer) => gunzipAsync(packed, limit),
  snappy: (packed: Buffer) => unpackSnappy(packed, MOST_UNPACKED_BYTES),
  lz4: (packed: Buffer) => unpackLz4(packed, MOST_UNPACKED_BYTES),
  zstd: (packed: Buffer) => zstdAsync(packed, limit),
} satisfies Record<string, Unpack>;

/** Process-wide, as kafkajs keeps its codecs; doing it twice is harmless. */
export const registerCodecs = (): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const notSent = () => Promise.reject(new TypeError('this process only reads this compression'));
  const codec = (name: keyof typeof unpackers, compress: (bytes: Buffer) => Promise<Buffer>) => () => ({
    compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
    decompress: (packed: Buffer) => unpackOrTell(name, unpackers[name], packed),
  });
  CompressionCodecs[CompressionTypes.GZIP] = codec('gzip', gzipAsync);
  CompressionCodecs[CompressionTypes.Snappy] = codec('snappy', notSent);
  CompressionCodecs[CompressionTypes.LZ4] = codec('lz4', notSent);
  CompressionCodecs[CompressionTypes.ZSTD] = codec('zstd', zstdCompressAsync);
};

export const unpackOrTell = async (name: string, unpack: Unpack, packed: Buffer): Promise<Buffer> => {
  try {
    return await unpack(packed);
  } catch (error) {
    const large = isTooLarge(error);
    return unreadable(large ? `unpacks to more than ${MOST_UNPACKED_BYTES} bytes` : `is not ${name}, as it says`);
  }
};

/** Records in Kafka's format v2 with offsets 0, 1, 2 …; the reader takes as many as the set says it has. */
const unreadable = (reason: string): Buffer => {
  const header = Buffer.concat([sized(UNREADABLE_HEADER), sized(reason)]);
  const records: Buffer[] = [];
  for (let i = 0; i < MOST_RECORDS; i++) {
    // attributes, timestamp delta, offset delta, no key, no value, one header
    const body = Buffer.concat([Buffer.from([0, 0]), varint(i), varint(-1), varint(-1), varint(1), header]);
    records.push(varint(body.length), body);
  }
  return Buffer.concat(records);
};

const sized = (text: string): Buffer => Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);

/** Kafka's zigzag numbers. */
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
};

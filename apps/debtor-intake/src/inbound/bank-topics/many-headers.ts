/**
 * kafkajs copies the headers read so far for each further one: 10,000 in a record of 50 KB hold the whole process for 12 s,
 * 20,000 for a minute (measured), and so in every process that gets the partition next. It offers no other place to end that.
 */
import { createRequire } from 'node:module';

/** One more is read, so that whoever counts knows that there were too many. */
export const MOST_HEADERS = 100;

interface Decoder {
  readVarInt(): number;
  /** kafkajs reads nothing but a record's headers with it; they are the end of the record's own bytes. */
  readVarIntArray(reader: (decoder: Decoder) => unknown): unknown[];
}

/** Process-wide; doing it twice is harmless. */
export const limitHeaders = (): void => {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/protocol/decoder') as {
    readonly prototype: Decoder;
  };
  prototype.readVarIntArray = function (this: Decoder, reader) {
    const count = Math.min(this.readVarInt(), MOST_HEADERS + 1);
    return Array.from({ length: Math.max(count, 0) }, () => reader(this));
  };
};

import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MOST_UNPACKED_BYTES, UNREADABLE_HEADER, unpackers, unpackOrTell } from './codecs.js';

const TEXT = Array.from({ length: 12 }, (_, i) => `bank.account.overdue.v1 ${i * i} `).join('');
/** Written by the Java client 4.3.1. */
const PACKED = {
  lz4: 'BCJNGGBAgloAAAD/C2JhbmsuYWNjb3VudC5vdmVyZHVlLnYxIDAgGgAFHzEaAAYfNBoABh85GgAGLzE2GwAGLzI1GwAGHzM2AAcfNGwABx82oQAHHzjWAAcvMTAMAQZQIDEyMSAAAAAA',
  snappy:
    'glNOQVBQWQAAAAABAAAAAQAAAFnCAmRiYW5rLmFjY291bnQub3ZlcmR1ZS52MSAwIF4aAAAxYhoAADRiGgAAOWIaAAQxNmIbAAQyNWIbAAAzZjYAADRmbAAANmahAAA4ZtYABDEwagwBCDIxIA==',
};
const packed = {
  gzip: gzipSync(TEXT),
  zstd: zstdCompressSync(TEXT),
  lz4: Buffer.from(PACKED.lz4, 'base64'),
  snappy: Buffer.from(PACKED.snappy, 'base64'),
};
const names = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

describe("Kafka's record sets", () => {
  it.each(names)('are unpacked from %s', async (name) => {
    expect((await unpackers[name](packed[name])).toString()).toBe(TEXT);
  });

  it('are unpacked from Snappy without the Java stream around it', async () => {
    const bare = packed.snappy.subarray(20);
    expect((await unpackers.snappy(bare)).toString()).toBe(TEXT);
  });

  it.each(names)('that are no %s come out as records that say so', async (name) => {
    const told = await unpackOrTell(name, unpackers[name], Buffer.from('nonsense, nonsense'));
    expect(told.subarray(0, 200).toString()).toContain(`is not ${name}, as it says`);
    expect(told.subarray(0, 200).toString()).toContain(UNREADABLE_HEADER);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(MOST_UNPACKED_BYTES + 1))],
    ['zstd', zstdCompressSync(Buffer.alloc(MOST_UNPACKED_BYTES + 1))],
    ['snappy', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])],
  ] as const)('that unpack to more than is taken (%s) come out as records that say so', async (name, bomb) => {
    expect((await unpackOrTell(name, unpackers[name], bomb)).subarray(0, 200).toString()).toContain(
      'unpacks to more than',
    );
  });

  it('that unpack to just what is taken are unpacked', async () => {
    expect(await unpackers.gzip(gzipSync(Buffer.alloc(MOST_UNPACKED_BYTES)))).toHaveLength(MOST_UNPACKED_BYTES);
  });

  it.each(['lz4', 'snappy'] as const)(
    'with %s changed in any byte end, with records or with the reason',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(packed[name].length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
          const bytes = Buffer.from(packed[name]);
          bytes[at] = byte;
          const outcome = await Promise.resolve()
            .then(() => unpackers[name](bytes))
            .catch((error: unknown) => error);
          expect(outcome instanceof Buffer || outcome instanceof RangeError || outcome instanceof TypeError).toBe(true);
        }),
        { numRuns: 300 },
      );
    },
  );
});

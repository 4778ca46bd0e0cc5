/** UUID version 7 (RFC 9562): sorted by wall time, so that the index on event ids grows at one end. */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export const uuidv7 = (wallMs: number): string => {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const r = used;
  used += 10;
  const time = wallMs.toString(16).padStart(12, '0');
  const b = (i: number) => HEX[pool[r + i]!]!;
  const version = HEX[(pool[r]! & 0x0f) | 0x70]!;
  const variant = HEX[(pool[r + 2]! & 0x3f) | 0x80]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${b(1)}-${variant}${b(3)}-${b(4)}${b(5)}${b(6)}${b(7)}${b(8)}${b(9)}`;
};

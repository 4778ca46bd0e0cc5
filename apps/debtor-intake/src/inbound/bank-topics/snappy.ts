/** Snappy as Kafka's producers write it: bare, or in the blocks of Java's stream format. */

const JAVA_STREAM = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const JAVA_HEAD_BYTES = 16;

/** @throws RangeError when it unpacks to more than `most` bytes @throws TypeError when it is not Snappy */
export const unpackSnappy = (packed: Buffer, most: number): Buffer => {
  if (!packed.subarray(0, JAVA_STREAM.length).equals(JAVA_STREAM)) return unpackBlock(packed, most);
  const blocks: Buffer[] = [];
  let left = most;
  for (let at = JAVA_HEAD_BYTES; at < packed.length; ) {
    if (at + 4 > packed.length) throw broken();
    const length = packed.readUInt32BE(at);
    at += 4;
    if (at + length > packed.length) throw broken();
    const block = unpackBlock(packed.subarray(at, at + length), left);
    blocks.push(block);
    left -= block.length;
    at += length;
  }
  return Buffer.concat(blocks);
};

const unpackBlock = (packed: Buffer, most: number): Buffer => {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = packed[at++];
    if (byte === undefined || shift > 28) throw broken();
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (size > most) throw new RangeError('too large');
  const out = Buffer.alloc(size);
  let end = 0;
  while (at < packed.length) {
    const tag = packed[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const bytes = length - 60;
        if (at + bytes > packed.length) throw broken();
        length = packed.readUIntLE(at, bytes) + 1;
        at += bytes;
      }
      if (at + length > packed.length || end + length > size) throw broken();
      packed.copy(out, end, at, at + length);
      at += length;
      end += length;
      continue;
    }
    const offsetBytes = kind === 3 ? 4 : kind;
    if (at + offsetBytes > packed.length) throw broken();
    const low = packed.readUIntLE(at, offsetBytes);
    at += offsetBytes;
    const offset = kind === 1 ? ((tag >> 5) << 8) + low : low;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    if (offset === 0 || offset > end || end + length > size) throw broken();
    // Byte by byte: the copy may overlap what it writes.
    for (let i = 0; i < length; i++, end++) out[end] = out[end - offset]!;
  }
  if (end !== size) throw broken();
  return out;
};

const broken = () => new TypeError('not Snappy');

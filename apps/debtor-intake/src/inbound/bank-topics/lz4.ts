/** LZ4's frame format, as Kafka's producers write it. Its checksums are left out: the broker has checked the record set. */

const MAGIC = 0x184d2204;
const RAW_BLOCK = 0x80000000;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;

/** @throws RangeError when it unpacks to more than `most` bytes @throws TypeError when it is not LZ4 */
export const unpackLz4 = (packed: Buffer, most: number): Buffer => {
  if (packed.length < 7 || packed.readUInt32LE(0) !== MAGIC) throw broken();
  const flags = packed[4]!;
  if (flags >> 6 !== 1 || (flags & DICTIONARY) !== 0) throw broken();
  let at = 4 + 2 + (flags & CONTENT_SIZE ? 8 : 0) + 1;
  const out = new Output(most);
  for (;;) {
    if (at + 4 > packed.length) throw broken();
    const head = packed.readUInt32LE(at);
    at += 4;
    if (head === 0) return out.bytes();
    const length = head & 0x7fffffff;
    if (at + length > packed.length) throw broken();
    const block = packed.subarray(at, at + length);
    if (head >= RAW_BLOCK) out.add(block);
    else unpackBlock(block, out);
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0);
  }
};

const unpackBlock = (block: Buffer, out: Output): void => {
  let at = 0;
  const more = (length: number): number => {
    if (length < 15) return length;
    let sum = length;
    for (let byte = 255; byte === 255; sum += byte) {
      if (at >= block.length) throw broken();
      byte = block[at++]!;
    }
    return sum;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = more(token >> 4);
    if (at + literals > block.length) throw broken();
    out.add(block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw broken();
    const offset = block.readUInt16LE(at);
    at += 2;
    out.repeat(offset, more(token & 15) + 4);
  }
};

/** Grows as needed, up to its limit. */
class Output {
  private held = Buffer.alloc(65_536);
  private end = 0;

  constructor(private readonly most: number) {}

  add(bytes: Buffer): void {
    this.makeRoom(bytes.length);
    bytes.copy(this.held, this.end);
    this.end += bytes.length;
  }

  repeat(offset: number, length: number): void {
    if (offset === 0 || offset > this.end) throw broken();
    this.makeRoom(length);
    // Byte by byte: the copy may overlap what it writes.
    for (let i = 0; i < length; i++, this.end++) this.held[this.end] = this.held[this.end - offset]!;
  }

  bytes(): Buffer {
    return this.held.subarray(0, this.end);
  }

  private makeRoom(length: number): void {
    const needed = this.end + length;
    if (needed > this.most) throw new RangeError('too large');
    if (needed <= this.held.length) return;
    const larger = Buffer.alloc(Math.min(Math.max(this.held.length * 2, needed), this.most));
    this.held.copy(larger, 0, 0, this.end);
    this.held = larger;
  }
}

const broken = () => new TypeError('not LZ4');

/** Which encoding a file is in, and its text piece by piece. */
import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';

export type Encoding = 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be';
export type EncodingChoice = Encoding | 'auto';

export interface Detected {
  readonly encoding: Encoding;
  /** Bytes at the beginning that are no text. */
  readonly bom: number;
}

const BOMS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['gb18030', [0x84, 0x31, 0x95, 0x33]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const bomOf = (head: Uint8Array): Detected | null => {
  const found = BOMS.find(([, bom]) => bom.every((byte, i) => head[i] === byte));
  return found ? { encoding: found[0], bom: found[1].length } : null;
};

/** Counts well-formed and broken sequences of UTF-8, across pieces. */
export class Utf8Census {
  wellFormed = 0;
  broken = 0;
  private open = 0;
  private low = 0x80;
  private high = 0xbf;

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.open > 0) {
        if (byte >= this.low && byte <= this.high) {
          this.open -= 1;
          [this.low, this.high] = [0x80, 0xbf];
          if (this.open === 0) this.wellFormed += 1;
          continue;
        }
        this.broken += 1;
        [this.open, this.low, this.high] = [0, 0x80, 0xbf];
      }
      if (byte < 0x80) continue;
      if (byte >= 0xc2 && byte <= 0xdf) this.open = 1;
      else if (byte >= 0xe0 && byte <= 0xef) {
        this.open = 2;
        if (byte === 0xe0) this.low = 0xa0;
        if (byte === 0xed) this.high = 0x9f;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        this.open = 3;
        if (byte === 0xf0) this.low = 0x90;
        if (byte === 0xf4) this.high = 0x8f;
      } else this.broken += 1;
    }
  }

  end(): void {
    if (this.open > 0) this.broken += 1;
    this.open = 0;
  }

  /** A few broken sequences are damage; where they are the rule, the text is in another encoding. */
  get encoding(): 'utf-8' | 'gb18030' {
    return this.broken === 0 || this.broken * 10 < this.wellFormed ? 'utf-8' : 'gb18030';
  }
}

/** Reads the file once where no byte order mark and no choice tells its encoding. */
export const detectEncoding = async (path: string, choice: EncodingChoice = 'auto'): Promise<Detected> => {
  const census = new Utf8Census();
  let first = true;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    if (first) {
      const marked = bomOf(piece);
      if (marked) return choice === 'auto' || choice === marked.encoding ? marked : { encoding: choice, bom: 0 };
      if (choice !== 'auto') return { encoding: choice, bom: 0 };
      first = false;
    }
    census.add(piece);
  }
  census.end();
  return { encoding: choice === 'auto' ? census.encoding : choice, bom: 0 };
};

export interface TextPiece {
  readonly text: string;
  /** Bytes of the file behind this piece, from its beginning. */
  readonly bytesRead: number;
}

/** The file's text, piece by piece; undecodable bytes become U+FFFD. */
export async function* readText(path: string, { encoding, bom }: Detected): AsyncGenerator<TextPiece> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  let bytesRead = bom;
  for await (const piece of createReadStream(path, {
    start: bom,
    highWaterMark: 256 * 1024,
  }) as AsyncIterable<Buffer>) {
    bytesRead += piece.length;
    yield { text: decoder.write(piece), bytesRead };
  }
  const rest = decoder.end();
  if (rest) yield { text: rest, bytesRead };
}

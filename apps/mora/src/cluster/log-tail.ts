/** Follows a log that another process writes: whole lines only, each once. */
import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;

export class LogTail<T extends object> {
  private readAt = 0;

  constructor(
    private readonly path: string,
    private readonly hear: (record: T) => void,
  ) {}

  /** Hands on every line that was written whole since the last time; a missing file is an empty log. */
  catchUp(): void {
    const fd = this.open();
    if (fd === null) return;
    try {
      const chunk = Buffer.alloc(CHUNK);
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const read = readSync(fd, chunk, 0, CHUNK, this.readAt + rest.length);
        if (read === 0) return;
        const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        rest = bytes.subarray(end);
        this.readAt += end;
        for (const line of bytes.toString('utf8', 0, end).split('\n'))
          if (line !== '') this.hear(JSON.parse(line) as T);
      }
    } finally {
      closeSync(fd);
    }
  }

  private open(): number | null {
    try {
      return openSync(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}

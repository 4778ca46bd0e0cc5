import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogFile, readLog, streamLog } from './log-file.js';

describe('the carrier’s own log', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mora-log-'));
    path = join(folder, 'carrier.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is for its user alone: it has numbers and what was said', () => {
    new LogFile(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps records in order, each readable at once and after a reopening', () => {
    const log = new LogFile<{ n: number; text: string }>(path);
    log.append({ n: 1, text: '空号\n' });
    expect(readLog(path)).toEqual([{ n: 1, text: '空号\n' }]);
    log.close();
    const again = new LogFile<{ n: number }>(path);
    again.append({ n: 2 });
    again.close();
    expect(readLog(path)).toEqual([{ n: 1, text: '空号\n' }, { n: 2 }]);
  });

  it.each(['{"n":2,"te', '{"n":2}', '{', '\u7a7a'])(
    'leaves out a torn last line %j and writes on behind the last whole one',
    (torn) => {
      writeFileSync(path, '{"n":1}\n');
      appendFileSync(path, torn);
      expect(readLog(path)).toEqual([{ n: 1 }]);
      const log = new LogFile<{ n: number }>(path);
      log.append({ n: 3 });
      log.close();
      expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":3}\n');
    },
  );

  it('cuts off a torn line longer than one block, and a file that is one torn line', () => {
    writeFileSync(path, `{"n":1}\n${'x'.repeat(200_000)}`);
    new LogFile(path).close();
    expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n');
    writeFileSync(path, 'x'.repeat(200_000));
    new LogFile(path).close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('reads whole records across the borders of blocks, inside a character too', () => {
    const records = Array.from({ length: 3_000 }, (_, n) => ({ n, text: '空号'.repeat(n % 40) }));
    const long = { n: -1, text: '号'.repeat(100_000) };
    writeFileSync(path, [...records, long, ...records].map((record) => `${JSON.stringify(record)}\n`).join(''));
    expect([...streamLog(path)]).toEqual([...records, long, ...records]);
  });

  it('reads a missing log as empty and refuses one that was tampered with', () => {
    expect(readLog(join(folder, 'none'))).toEqual([]);
    writeFileSync(path, '{"n":1}\nnot json\n{"n":2}\n');
    expect(() => readLog(path)).toThrow(SyntaxError);
  });
});

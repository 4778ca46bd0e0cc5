import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogTail } from './log-tail.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mora-tail-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the tail of a log', () => {
  it('hands on each whole line once, also lines longer than a read, and waits for the rest of a torn one', () => {
    const path = join(folder, 'log');
    const heard: { readonly n: number }[] = [];
    const tail = new LogTail<{ n: number }>(path, (record) => heard.push(record));
    const long = 'x'.repeat(200_000);
    tail.catchUp();
    expect(heard).toEqual([]);
    appendFileSync(path, `{"n":1}\n{"n":2,"long":"${long}"}\n{"n":`);
    tail.catchUp();
    tail.catchUp();
    expect(heard.map(({ n }) => n)).toEqual([1, 2]);
    appendFileSync(path, '3}\n');
    tail.catchUp();
    expect(heard.map(({ n }) => n)).toEqual([1, 2, 3]);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const diff = (...args: readonly string[]) => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'logs', 'diff', ...args], {
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
};

describe('"mora logs diff", with nothing running', () => {
  let folder = '';
  const installation = (name: string, carrier: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, 'carrier.ndjson'), carrier);
    writeFileSync(join(path, 'smsc.ndjson'), '');
    return path;
  };
  const invite = (wallAt: string, ordinal: number) =>
    `${JSON.stringify({ kind: 'invite', number: '+9991', businessAt: '2026-11-02T06:51:30.000Z', wallAt, ordinal })}\n`;
  let a = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mora-logs-diff-'));
    a = installation('a', invite('1', 1));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends with 0 for the same contacts and with 1 for others, also as JSON', () => {
    expect(diff(a, installation('same', invite('2', 1)))).toEqual({
      code: 0,
      stdout: 'the same: 1 calls lines, 0 sms lines\n',
      stderr: '',
    });
    const other = installation('other', invite('2', 2));
    expect(diff(a, other)).toMatchObject({ code: 1, stdout: expect.stringContaining('ordinal 1 in A, 2 in B') });
    const { code, stdout } = diff(a, other, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ same: false, more: 0 });
  });

  it('ends with 2 and one line for what cannot be compared', () => {
    const bad = installation('bad', 'not json\n');
    expect(diff(a, bad)).toEqual({
      code: 2,
      stdout: '',
      stderr: `mora: ${join(bad, 'carrier.ndjson')}:1: not a JSON object\n`,
    });
    expect(diff(a, join(folder, 'none'))).toMatchObject({ code: 2, stdout: '' });
    expect(diff(a)).toMatchObject({ code: 2, stdout: '' });
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { comparePaths } from './log-paths.js';

const line = (fields: object = {}): string =>
  `${JSON.stringify({ kind: 'invite', number: '+9991', businessAt: '2026-11-02T06:51:30.000Z', ...fields })}\n`;

describe('the logs of two data directories', () => {
  let folder = '';
  const at = (...path: string[]) => join(folder, ...path);
  const installation = (name: string, carrier: string, smsc: string): string => {
    mkdirSync(at(name));
    writeFileSync(at(name, 'carrier.ndjson'), carrier);
    writeFileSync(at(name, 'smsc.ndjson'), smsc);
    return at(name);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mora-logs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are compared together, or one log with one log; a torn last line was never written', () => {
    const a = installation('a', line({ wallAt: '1' }) + line({ kind: 'end' }), line({ kind: 'submit' }));
    const b = installation(
      'b',
      `${line({ kind: 'end' })}${line({ wallAt: '2' })}{"kind":"inv`,
      line({ kind: 'reply' }),
    );
    expect(comparePaths(a, a)).toMatchObject({ same: true, a: { calls: 2, sms: 1 } });
    expect(comparePaths(a, b)).toMatchObject({ same: false, differences: [{ kind: 'reply' }, { kind: 'submit' }] });
    expect(comparePaths(join(a, 'carrier.ndjson'), join(b, 'carrier.ndjson')).same).toBe(true);
  });

  it.each([
    ['not json', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    [line({ number: 1 }).trim(), 'has no number'],
    [line({ businessAt: undefined }).trim(), 'has no businessAt'],
    [line({ kind: 'toString' }).trim(), 'has no kind of a carrier or SMSC'],
  ])('are refused for the line %j, which is named', (bad, because) => {
    const a = installation('a', `${line()}\n`, '');
    const b = installation('b', `${line()}\n${bad}\n`, '');
    expect(() => comparePaths(a, b)).toThrow(`${join(b, 'carrier.ndjson')}:3: ${because}`);
  });

  it('are refused when one is not there, or when a directory is compared with a log', () => {
    const a = installation('a', '', '');
    mkdirSync(at('empty'));
    mkdirSync(at('folders', 'carrier.ndjson'), { recursive: true });
    expect(() => comparePaths(a, at('none'))).toThrow(`${at('none')}: does not exist`);
    expect(() => comparePaths(a, at('empty'))).toThrow(`${at('empty', 'carrier.ndjson')}: does not exist`);
    expect(() => comparePaths(a, at('folders'))).toThrow(/carrier\.ndjson: cannot be read \(EISDIR\)/);
    expect(() => comparePaths(a, join(a, 'smsc.ndjson'))).toThrow('two data directories or two logs');
  });
});

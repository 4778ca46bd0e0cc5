import { expect, test } from '@jest/globals';
import { createLog } from './log.js';

const lines: string[] = [];
const log = createLog({ service: 'dialer', destination: { write: (line) => void lines.push(line) } });
const logged = (fields: object): Record<string, unknown> => {
  log.info(fields, 'said');
  return JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
};

test('a log line names its service, level and time', () => {
  expect(logged({ debtorId: 'd1' })).toMatchObject({ service: 'dialer', level: 'info', msg: 'said', debtorId: 'd1' });
});

test('names, numbers and speech never get into the log, at any of the first four levels', () => {
  const secret = '+8613900000000';
  logged({ number: secret, call: { heard: secret, leg: { text: secret, turn: { spoken: secret } } } });
  expect(lines.at(-1)).not.toContain(secret);
  expect(lines.at(-1)).toContain('[personal]');
});

test("an error keeps code and cause but not the database's detail", () => {
  const error = Object.assign(new Error('duplicate key', { cause: new Error('inner') }), {
    code: '23505',
    detail: 'Key (name)=(Zhang) already exists.',
  });
  expect(logged({ error })).toMatchObject({
    error: { code: '23505', message: 'duplicate key', cause: { message: 'inner' } },
  });
  expect(lines.at(-1)).not.toContain('Zhang');
});

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { variableOf } from '../config.js';
import { COMMON } from './config.js';

const guide = readFileSync(new URL('../../../../docs/guides/platform.md', import.meta.url), 'utf8');
const told = new Set([...guide.matchAll(/`(MORA_[A-Z_]+)`/g)].map(([, name]) => name!));
/** Of each service's role. */
const LOGINS = ['MORA_DATABASE_USER', 'MORA_DATABASE_PASSWORD'];

test('the guide tells of every variable that a process reads, and of no other', () => {
  const read = [...Object.keys(COMMON).map((key) => variableOf('MORA', key)), ...LOGINS];
  expect([...told].sort()).toEqual([...new Set(read)].sort());
});

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ProfileInvalid, parseProfile, shippedProfile } from './profile.js';

const yaml = readFileSync(new URL('../profiles/cn-bank-creditcard.yaml', import.meta.url), 'utf8');

test('a profile is named by its content: comments do not change its hash, a limit does', () => {
  const shipped = shippedProfile('cn-bank-creditcard');
  expect(shipped.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(parseProfile(`# a comment\n${yaml}`, 'x').hash).toBe(shipped.hash);
  expect(parseProfile(yaml.replace('limit: 3', 'limit: 4'), 'x').hash).not.toBe(shipped.hash);
  expect(parseProfile(yaml.replace('limit: 3', 'limit: 4'), 'x').calendarHash).toBe(shipped.calendarHash);
});

test.each([
  ['a time of day that is none', ["to: '21:50'", "to: '25:50'"], 'rules.0.check.allow.call.to'],
  [
    'hours that end before they begin',
    ["from: '08:00', to: '21:50'", "from: '22:00', to: '21:50'"],
    'rules.0.check.allow.call',
  ],
  ['an unknown zone', ['[Asia/Shanghai]', '[Asia/Nowhere]'], 'zones.0'],
  ['an unknown stop', ['stops: [plan]', 'stops: [planned]'], 'stops.0'],
  ['a permit that lives too long', ['lifeSeconds: 15', 'lifeSeconds: 16'], 'permit.lifeSeconds'],
  ['a rule id twice', ['id: CN-ATTEMPTS', 'id: CN-CONNECTED'], 'a rule id stands twice'],
] as const)('refuses %s and names where it stands', (_, [from, to], where) => {
  const bad = yaml.replace(from, to);
  expect(bad).not.toBe(yaml);
  expect(() => parseProfile(bad, 'x')).toThrow(ProfileInvalid);
  expect(() => parseProfile(bad, 'x')).toThrow(where);
});

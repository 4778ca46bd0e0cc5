import { expect, test } from '@jest/globals';
import { ProfileInvalid, parseProfile } from './profile.js';

const yaml = `
id: SMALL
name: Small
jurisdiction: none
note: ''
zones: [Asia/Shanghai]
calendar: { name: no holidays, holidays: [], workingWeekends: [] }
permit: { lifeSeconds: 15, ringMaxSeconds: 35 }
rules:
  - id: SMALL-HOURS
    text: Calls begin before 21:50.
    scope: &everything { channels: [call, sms], actors: [bank], parties: [debtor] }
    enforcement: deny
    effective: &always { from: null, to: null }
    source: this spec
    confidence: O
    check:
      kind: hours
      allow: { call: { from: '08:00', to: '21:50' }, sms: { from: '08:00', to: '22:00' } }
      endBy: '22:00'
      exceptions: []
  - id: SMALL-CONNECTED
    text: Three connected calls a day.
    scope: *everything
    enforcement: deny
    effective: *always
    source: this spec
    confidence: O
    check: { kind: counter, counts: connected, key: debtor, windows: [calendar-day], limit: 3, exceptions: [] }
  - id: SMALL-PLAN
    text: No contact while a plan is kept.
    scope: *everything
    enforcement: deny
    effective: *always
    source: this spec
    confidence: O
    check: { kind: stop, stops: [plan], numberBars: false }
`;

test('a profile is named by its content: comments do not change its hash, a limit does', () => {
  const profile = parseProfile(yaml, 'x');
  expect(profile.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(parseProfile(`# a comment\n${yaml}`, 'x').hash).toBe(profile.hash);
  const other = parseProfile(yaml.replace('limit: 3', 'limit: 4'), 'x');
  expect(other.hash).not.toBe(profile.hash);
  expect(other.calendarHash).toBe(profile.calendarHash);
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
  ['a rule id twice', ['id: SMALL-PLAN', 'id: SMALL-CONNECTED'], 'a rule id stands twice'],
] as const)('refuses %s and names where it stands', (_, [from, to], where) => {
  const bad = yaml.replace(from, to);
  expect(bad).not.toBe(yaml);
  expect(() => parseProfile(bad, 'x')).toThrow(ProfileInvalid);
  expect(() => parseProfile(bad, 'x')).toThrow(where);
});

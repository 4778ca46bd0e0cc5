import { describe, expect, it } from '@jest/globals';
import { compareLogs, type LogLine } from './compare-logs.js';
import type { CarrierRecord, SmscRecord } from './log-records.js';

const invite: LogLine = {
  kind: 'invite',
  attemptId: 'attempt-1',
  debtorId: 'debtor-1',
  number: '+999100000001',
  businessAt: '2026-11-02T06:51:30.000Z',
  wallAt: '2026-11-27T15:38:05.381Z',
  ordinal: 1,
};
const end: LogLine = {
  ...invite,
  kind: 'end',
  businessAt: '2026-11-02T06:52:08.000Z',
  sipCode: 200,
  heard: { identityConfirmed: true, promise: null, claimsPaid: false, lastIntent: 'date' },
};
const submit: LogLine = {
  kind: 'submit',
  smsId: 'sms-1',
  debtorId: 'debtor-1',
  number: '+999100000001',
  businessAt: '2026-11-02T08:51:00.000Z',
  wallAt: '2026-11-27T15:38:05.966Z',
  text: '请回复N',
};
const of = (number: number): LogLine => ({ ...invite, number: `+9991${String(number).padStart(8, '0')}` });

describe('two logs', () => {
  it('are the same when only wall times, the order of lines and the order of fields differ', () => {
    const { heard, ...rest } = end as CarrierRecord;
    const other = [{ heard: { ...heard!, claimsPaid: false }, ...rest, wallAt: 'later' }, submit, invite];
    expect(compareLogs([invite, end, submit], other as LogLine[])).toEqual({
      same: true,
      a: { calls: 2, sms: 1 },
      b: { calls: 2, sms: 1 },
      differences: [],
      more: 0,
    });
    expect(compareLogs([], []).same).toBe(true);
  });

  it('differ by one millisecond of business time: each side has a line of its own', () => {
    const later = { ...invite, businessAt: '2026-11-02T06:51:30.001Z' };
    expect(compareLogs([invite], [later]).differences).toEqual([
      { number: invite.number, businessAt: invite.businessAt, kind: 'invite', onlyIn: 'a', fields: [] },
      { number: invite.number, businessAt: later.businessAt, kind: 'invite', onlyIn: 'b', fields: [] },
    ]);
  });

  it('differ by any other field of a line, which is named with both values, also one that a side lacks', () => {
    const { text: _, ...wordless } = submit as SmscRecord;
    const { heard: _heard, ...silent } = end as CarrierRecord;
    const other: LogLine = { ...silent, sipCode: 486 };
    expect(compareLogs([submit, end], [other, wordless]).differences).toMatchObject([
      {
        kind: 'end',
        onlyIn: null,
        fields: [
          { field: 'heard', a: { lastIntent: 'date' }, b: undefined },
          { field: 'sipCode', a: 200, b: 486 },
        ],
      },
      { kind: 'submit', onlyIn: null, fields: [{ field: 'text', a: '请回复N', b: undefined }] },
    ]);
  });

  it('differ when one side has the same line twice', () => {
    expect(compareLogs([invite, invite], [invite, invite]).same).toBe(true);
    expect(compareLogs([invite], [invite, invite])).toMatchObject({ same: false, differences: [{ onlyIn: 'b' }] });
  });

  it('are told by number, then business time, then kind', () => {
    const ringing: LogLine = { ...end, kind: 'ringing' } as LogLine;
    const { differences } = compareLogs([of(2), ringing, end], [of(1)]);
    expect(differences.map(({ number, kind }) => `${number} ${kind}`)).toEqual([
      '+999100000001 invite',
      '+999100000001 end',
      '+999100000001 ringing',
      '+999100000002 invite',
    ]);
  });

  it('tell as many differences as are asked for, and how many there are more', () => {
    const lines = Array.from({ length: 21 }, (_, n) => of(n));
    expect(compareLogs(lines.slice(1), [])).toMatchObject({ differences: { length: 20 }, more: 0 });
    expect(compareLogs(lines, [])).toMatchObject({ differences: { length: 20 }, more: 1 });
    expect(compareLogs(lines, [], 3)).toMatchObject({ differences: { length: 3 }, more: 18 });
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Summary } from './answers.js';
import { countsOf, LiveCounters } from './live-counters.js';

const totals = { dialed: 9, ended: 7, connected: 4, promises_made: 3, hand_overs: 2, sms_submitted: 6, denied: 5 };
const summary = {
  cases: { open: 3, promised: 2, 'handed-over': 1, cured: 4, closed: 1, tolerance: 1 },
  totals,
} as unknown as Summary;
const seen = {
  open: 6,
  inFlight: 2,
  dialed: 9,
  connected: 4,
  promises: 3,
  cured: 4,
  handedOver: 2,
  sms: 6,
  denied: 5,
};

describe('the counts of a status', () => {
  it('are those of the views, whichever process saw the events', () => {
    expect(countsOf(summary, 120)).toEqual({ events: 120, ...seen });
  });

  it('are none before there is anything', () => {
    const nothing = { cases: {}, totals: {} } as unknown as Summary;
    expect(Object.values(countsOf(nothing, 0))).toEqual(Object.values(countsOf(nothing, 0)).map(() => 0));
  });

  it('go on from the views after a restart, in the line that tells of progress', () => {
    const live = new LiveCounters();
    live.begin(countsOf(summary, 120));
    live.note([{ type: 'SmsSubmitted' }] as never);
    expect(live.now()).toEqual({ ...seen, sms: 7, events: 1 });
  });
});

import { expect, it } from '@jest/globals';
import { outcome } from '../testing/samples.js';
import { talkMsOf } from './talk.js';

const answered = { answeredAt: '2026-11-03T02:00:10.000Z', endedAt: '2026-11-03T02:03:10.000Z' };

it('talks from the answer to the end', () => {
  expect(talkMsOf(outcome(answered))).toBe(180_000);
});

it('leaves out what a human talks after a transfer', () => {
  expect(talkMsOf(outcome({ ...answered, transferredAt: '2026-11-03T02:00:40.000Z' }))).toBe(30_000);
});

it('talks not at all when nobody answered, or the gateway lost the call', () => {
  expect(talkMsOf(outcome())).toBe(0);
  expect(talkMsOf(null)).toBe(0);
});

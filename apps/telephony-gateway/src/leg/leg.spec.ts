import { describe, expect, it } from '@jest/globals';
import { schemaOf, type TelephonyEvent } from '@mora/contracts';
import { acceptLeg, fateOf, legIdOf, loseLeg, noteLine, refuseAccepted, settleLeg } from './decisions.js';
import { type Leg, leg } from './leg.js';
import { ATTEMPT, accepted, answered, DEBTOR, ended, turnTaken } from './leg-fixtures.js';

const given = (...events: readonly TelephonyEvent[]): Leg =>
  events.reduce((state, event) => leg.evolve(state, event, '2026-11-02T02:00:00.000Z'), leg.initial);

describe('a leg', () => {
  it('is accepted once and never again', () => {
    expect(acceptLeg(accepted.data, leg.initial)).toEqual([accepted]);
    for (const state of [given(accepted), given(accepted, answered), given(accepted, ended)])
      expect(acceptLeg(accepted.data, state)).toEqual([]);
  });

  it('is not accepted after a tombstone', () => {
    const tombstone = settleLeg({ attemptId: ATTEMPT, debtorId: DEBTOR }, leg.initial);
    expect(tombstone).toHaveLength(1);
    const state = given(...tombstone);
    expect(acceptLeg(accepted.data, state)).toEqual([]);
    expect(fateOf(state)).toBe('never-left');
  });

  it('says never-left only with a tombstone, and open while it may still be on the line', () => {
    expect(settleLeg({ attemptId: ATTEMPT, debtorId: DEBTOR }, given(accepted))).toEqual([]);
    expect(fateOf(given(accepted))).toBe('open');
    expect(fateOf(given(accepted, answered))).toBe('open');
    expect(fateOf(given(accepted, ended))).toBe('ended');
  });

  it('settles twice with one tombstone', () => {
    const once = settleLeg({ attemptId: ATTEMPT, debtorId: DEBTOR }, leg.initial);
    expect(settleLeg({ attemptId: ATTEMPT, debtorId: DEBTOR }, given(...once))).toEqual([]);
  });

  it('is lost with its last turn when the gateway comes up again over it', () => {
    const [lost] = loseLeg('gw-2', given(accepted, answered, turnTaken(0), turnTaken(1)));
    expect(lost?.data.lastTurn).toBe(1);
    expect(loseLeg('gw-2', given(accepted))[0]?.data.lastTurn).toBeNull();
    expect(loseLeg('gw-2', given(accepted, answered, ended))).toEqual([]);
    expect(schemaOf('telephony', 'LegLost')?.safeParse(lost?.data).success).toBe(true);
  });

  it('notes what happened on the line once, however often it is told', () => {
    const happened = [answered, turnTaken(0), turnTaken(1)];
    expect(noteLine(happened, given(accepted))).toEqual(happened);
    expect(noteLine(happened, given(accepted, answered, turnTaken(0)))).toEqual([turnTaken(1)]);
    expect(noteLine([...happened, ended], given(accepted, ...happened))).toEqual([ended]);
    expect(noteLine([...happened, ended], given(accepted, ...happened, ended))).toEqual([]);
  });

  it('becomes a tombstone when it was accepted and certainly not begun', () => {
    expect(refuseAccepted('permit expired', given(accepted))[0]?.data.because).toBe('permit expired');
    expect(refuseAccepted('permit expired', given(accepted, answered))).toEqual([]);
    expect(fateOf(given(accepted, ...refuseAccepted('x', given(accepted))))).toBe('never-left');
  });

  it('keeps a timer while it is open, by which recovery finds it', () => {
    expect(leg.timersOf?.(given(accepted))).toEqual([{ name: 'open-leg', dueAt: '2026-11-02T02:15:00.000Z' }]);
    expect(leg.timersOf?.(given(accepted, answered, turnTaken(0)))).toHaveLength(1);
    expect(leg.timersOf?.(given(accepted, answered, ended))).toEqual([]);
  });

  it('has one id per attempt', () => {
    expect(legIdOf(ATTEMPT)).toBe(legIdOf(ATTEMPT));
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Control, control } from './control.js';
import { decideControl } from './decisions.js';

const activate = (hash: string, onlyFirst?: boolean) =>
  ({
    do: 'activate',
    hash,
    name: 'n',
    at: '2026-11-02T00:00:00.000Z',
    by: 'b',
    ...(onlyFirst ? { onlyFirst } : {}),
  }) as const;

describe('the strategy of a new installation', () => {
  const none: Control = control.initial;
  const at = '2026-11-02T00:00:00.000Z';
  const active = decideControl(activate('first', true), none).reduce<Control>(
    (state, event) => control.evolve(state, event, at),
    none,
  );

  it('is activated where there was none', () => {
    expect(active.strategyHash).toBe('first');
  });

  it('does not replace one that was activated since, as an activation does', () => {
    expect(decideControl(activate('second', true), active)).toEqual([]);
    expect(decideControl(activate('second'), active)).toHaveLength(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { control } from './control.js';
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
  const none = control.initial;
  const active = decideControl(activate('first', true), none).reduce(control.evolve, none);

  it('is activated where there was none', () => {
    expect(active.strategyHash).toBe('first');
  });

  it('does not replace one that was activated since, as an activation does', () => {
    expect(decideControl(activate('second', true), active)).toEqual([]);
    expect(decideControl(activate('second'), active)).toHaveLength(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Log } from '@mora/telemetry';
import { startHost } from './life-cycle.js';
import type { Loop } from './service.js';

const recorder = () => {
  const seen: string[] = [];
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields) => void seen.push(`error ${fields['part']}`),
  };
  const loop = (name: string, fails: { start?: boolean; stop?: boolean } = {}): Loop => ({
    name,
    start: async () => {
      seen.push(`start ${name}`);
      if (fails.start) throw new Error(`${name} cannot start`);
    },
    stop: async () => {
      seen.push(`stop ${name}`);
      if (fails.stop) throw new Error(`${name} cannot stop`);
    },
  });
  const resource = (name: string) => ({ name, close: async () => void seen.push(`close ${name}`) });
  return { seen, log, loop, resource };
};

describe("a service's life cycle", () => {
  test('starts loops in order, drains them in reverse, and closes resources last', async () => {
    const { seen, log, loop, resource } = recorder();
    const host = await startHost({
      name: 'x',
      log,
      loops: [loop('writer'), loop('feed')],
      resources: [resource('pool')],
    });
    await host.close();
    expect(seen).toEqual(['start writer', 'start feed', 'stop feed', 'stop writer', 'close pool']);
  });

  test('closes once however often it is asked', async () => {
    const { seen, log, loop, resource } = recorder();
    const host = await startHost({ name: 'x', log, loops: [loop('feed')], resources: [resource('pool')] });
    await Promise.all([host.close(), host.close()]);
    await host.close();
    expect(seen).toEqual(['start feed', 'stop feed', 'close pool']);
  });

  test('stops what runs and closes resources when a loop cannot start, and says why', async () => {
    const { seen, log, loop, resource } = recorder();
    const loops = [loop('writer'), loop('feed', { start: true }), loop('timers')];
    await expect(startHost({ name: 'x', log, loops, resources: [resource('pool')] })).rejects.toThrow(
      'feed cannot start',
    );
    expect(seen).toEqual(['start writer', 'start feed', 'stop feed', 'stop writer', 'close pool']);
  });

  test('drains the others when one loop cannot stop', async () => {
    const { seen, log, loop, resource } = recorder();
    const host = await startHost({
      name: 'x',
      log,
      loops: [loop('writer'), loop('feed', { stop: true })],
      resources: [resource('pool')],
    });
    await host.close();
    expect(seen.slice(2)).toEqual(['stop feed', 'error feed', 'stop writer', 'close pool']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type CheckpointRow, MemoryStore } from '@mora/eventing';
import { addTo, writerOn } from '@mora/test-kit';
import { checkEpoch, type EpochCheck } from './epoch-check.js';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

const storeOf = async (source: string, events: number) => {
  const store = new MemoryStore(source, 1, () => 0);
  const writer = writerOn(store);
  for (let of = 0; of < events; of++) await writer.execute(addTo('ann', { type: 'Counted', data: { of: `${of}` } }, 0));
  return store;
};
const claim = (source: string, position: number, eventId: string): CheckpointRow => ({
  processor: 'p',
  source,
  shard: 0,
  epoch: 1,
  position,
  eventId,
});
const check = async (source: string, more: Partial<EpochCheck>, end = new AbortController()) => {
  const store = await storeOf(source, 3);
  const finding = await checkEpoch({
    store,
    published: async () => [],
    own: async () => [],
    here: 'none',
    ask: async () => [],
    waitMs: 0,
    log: LOG,
    signal: end.signal,
    ...more,
  });
  end.abort();
  return { finding, epoch: store.epoch() };
};
const away = () => Promise.reject(new Error('away'));

describe('before its first append a source', () => {
  it('goes on in its epoch when nobody knows more than its store', async () => {
    const { finding, epoch } = await check('scoring', {});
    expect([epoch, finding]).toEqual([1, { reason: null, skipped: [] }]);
  });

  it.each<[string, Partial<EpochCheck>]>([
    ['the topic', { published: async () => [claim('scoring', 4, 'x')] }],
    ['a subscriber', { ask: async () => [claim('scoring', 4, 'x')] }],
    ['a consumer of the same process', { own: async () => [claim('scoring', 4, 'x')] }],
    ['the topic, by another event at a position,', { published: async () => [claim('scoring', 3, 'another')] }],
  ])('begins a new epoch when %s knows more', async (_, more) => {
    const { finding, epoch } = await check('scoring', more);
    expect([epoch, finding.reason === null]).toEqual([2, false]);
  });

  it('leaves out a subscriber that does not answer in time', async () => {
    const { finding, epoch } = await check('scoring', { ask: away });
    expect([epoch, finding]).toEqual([1, { reason: null, skipped: ['risk-tiering', 'analytics'] }]);
  });

  it('waits for who acts on its permits, if it is the guard', async () => {
    const tries = new Map<string, number>();
    const ask = async (service: string) => {
      const tried = (tries.get(service) ?? 0) + 1;
      tries.set(service, tried);
      if (tried < 3) throw new Error('away');
      return [];
    };
    const { finding } = await check('guard', { ask });
    expect(finding.skipped).toEqual(['risk-tiering', 'analytics']);
    expect([tries.get('dialer'), tries.get('sms-trigger')]).toEqual([3, 3]);
  });

  it('stops waiting when the process ends', async () => {
    const end = new AbortController();
    const waiting = check('guard', { ask: away }, end);
    end.abort();
    await expect(waiting).rejects.toThrow();
  });
});

/** Events for tests. */
import type { EventEnvelope, EventMeta } from '@mora/contracts';

const META: EventMeta = {
  schema: 1,
  at: '2026-11-02T04:00:00.000Z',
  clock: { kind: 'stepped', anchorId: 'test' },
  cause: 'cmd:1',
  correlationId: 'a',
  after: { guard: [1, 7] },
  actor: { kind: 'system', id: 'test' },
  policies: [],
  build: 'test',
  tzdata: 'test',
  keyId: null,
  simulated: null,
  traceparent: null,
};

export const eventAt = (position: number, more: Partial<EventEnvelope> & { meta?: EventMeta } = {}): EventEnvelope => ({
  id: `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`,
  type: 'Counted',
  source: 'dialer',
  epoch: 1,
  shard: 0,
  position,
  stream: 'counter-a',
  version: position,
  subject: 'a',
  data: { of: String(position) },
  recordedAt: new Date(Date.UTC(2026, 10, 2, 4) + position).toISOString(),
  ...more,
  meta: { ...META, ...more.meta },
});

export const eventsFrom = (first: number, count: number): readonly EventEnvelope[] =>
  Array.from({ length: count }, (_, i) => eventAt(first + i));

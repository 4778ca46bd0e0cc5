import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { METRICS, type Sample } from './catalogue.js';
import { samplesOf } from './domain-metrics.js';
import { createMeters } from './meters.js';

const CANARY = '张三 +8613900000000';
const event = (type: string, data: object, shard = 0): EventEnvelope =>
  ({ source: 'guard', type, data, shard }) as unknown as EventEnvelope;
const shown = (samples: readonly Sample[]) =>
  samples.map(({ metric, labels = {} }) => [metric, ...Object.values(labels)].join(' '));

describe('what events add to the metrics', () => {
  it.each<[string, object, readonly string[]]>([
    ['ContactPermitted', { channel: 'call' }, ['mora_contacts_permitted_total call']],
    [
      'ContactDenied',
      { channel: 'sms', verdict: { deniedBy: ['hours', 'cap-day'] } },
      ['mora_contacts_denied_total sms hours', 'mora_contacts_denied_total sms cap-day'],
    ],
    [
      'CallEnded',
      { disposition: 'no-answer', connected: 'no', rightParty: false },
      ['mora_calls_ended_total no-answer no'],
    ],
    [
      'CallEnded',
      { disposition: 'promise', connected: 'yes', rightParty: true },
      ['mora_calls_ended_total promise yes', 'mora_right_party_contacts_total'],
    ],
    [
      'TurnTaken',
      { turn: { latencyMs: { recognise: 3, decide: 4 }, spoken: CANARY } },
      ['mora_turn_latency_ms recognise', 'mora_turn_latency_ms decide'],
    ],
    ['PromiseVoided', { because: CANARY }, ['mora_promises_settled_total void']],
    ['Unheard', { text: CANARY }, []],
  ])('%s', (type, data, expected) => {
    expect(shown(samplesOf(event(type, data)))).toEqual([`mora_events_appended_total guard ${type}`, ...expected]);
  });

  it('counts once what is written in every shard', () => {
    const written = [0, 1, 2].flatMap((shard) => samplesOf(event('ContactsHalted', { reason: CANARY }, shard)));
    expect(written.filter(({ metric }) => metric === 'mora_halts_total')).toHaveLength(1);
  });

  it('counts an event of another version that lacks a field, and does not fail', () => {
    expect(shown(samplesOf(event('ContactDenied', { channel: 'sms' })))).toEqual([
      'mora_events_appended_total guard ContactDenied',
    ]);
  });
});

describe('the metrics for Prometheus', () => {
  it('offers every metric of the catalogue under its own name, with the labels it names', async () => {
    const meters = createMeters(resourceFromAttributes({ 'service.name': 'mora-test' }));
    const samples = Object.entries(METRICS).map(
      ([metric, { labels }]) =>
        ({ metric, value: 7, labels: Object.fromEntries(labels.map((label) => [label, `a ${label}`])) }) as Sample,
    );
    meters.record(samples);
    meters.read(() => samples);
    meters.read(() => Promise.reject(new Error('one that fails is left out')));
    const text = await meters.text();
    for (const [name, { kind, labels, help }] of Object.entries(METRICS)) {
      expect(text).toContain(`# HELP ${name} ${help}`);
      expect(text).toContain(`# TYPE ${name} ${kind}`);
      const line = text
        .split('\n')
        .find((one) => one.startsWith(kind === 'histogram' ? `${name}_sum` : name) && !one.startsWith('#'));
      expect(line).toContain(labels.map((label) => `${label}="a ${label}"`).join());
      expect(line).toMatch(/ 7$/);
    }
    await meters.close();
  });
});

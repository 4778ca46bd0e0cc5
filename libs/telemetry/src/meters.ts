/** The catalogue's metrics as instruments, read by Prometheus. */
import type { BatchObservableResult, Counter, Histogram, Observable } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { METRICS, type MetricName, type MetricSpec, type Sample } from './catalogue.js';

export interface Meters {
  /** Steps of counters and values of histograms. */
  record(samples: readonly Sample[]): void;
  /** Called at every scrape for what can only be read, gauges and totals that others keep; one that fails is left out. */
  read(supplier: () => Promise<readonly Sample[]> | readonly Sample[]): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Totals that are read, not counted here. */
const READ_TOTALS: readonly MetricName[] = [
  'mora_feed_delivered_total',
  'mora_feed_backfilled_total',
  'mora_feed_bad_records_total',
];

export const createMeters = (resource: Resource): Meters => {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  const specs = Object.entries(METRICS) as readonly (readonly [MetricName, MetricSpec])[];
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: specs.flatMap(([instrumentName, { buckets }]) =>
      buckets === undefined
        ? []
        : [
            {
              instrumentName,
              aggregation: {
                type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
                options: { boundaries: [...buckets] },
              },
            },
          ],
    ),
  });
  const meter = provider.getMeter('mora');
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const read = new Map<string, Observable>();
  for (const [name, { kind, help: description }] of specs) {
    if (kind === 'gauge') read.set(name, meter.createObservableGauge(name, { description }));
    else if (READ_TOTALS.includes(name)) read.set(name, meter.createObservableCounter(name, { description }));
    else if (kind === 'counter') counters.set(name, meter.createCounter(name, { description }));
    else histograms.set(name, meter.createHistogram(name, { description }));
  }
  const suppliers: (() => Promise<readonly Sample[]> | readonly Sample[])[] = [];
  const observe = async (result: BatchObservableResult) => {
    const found = await Promise.all(suppliers.map(async (supplier) => supplier()).map((one) => one.catch(() => [])));
    for (const { metric, value, labels } of found.flat()) {
      const instrument = read.get(metric);
      if (instrument) result.observe(instrument, value, { ...labels });
    }
  };
  meter.addBatchObservableCallback(observe, [...read.values()]);
  return {
    record: (samples) => {
      for (const { metric, value, labels } of samples) {
        counters.get(metric)?.add(value, labels);
        histograms.get(metric)?.record(value, labels);
      }
    },
    read: (supplier) => void suppliers.push(supplier),
    text: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    close: () => provider.shutdown(),
  };
};

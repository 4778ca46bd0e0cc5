/** What a process tells of itself: traces, metrics, and the ids that tie its log lines to a trace. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventEnvelope } from '@mora/contracts';
import type { Trace } from '@mora/eventing';
import type { Tracer } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Sample } from './catalogue.js';
import { samplesOf } from './domain-metrics.js';
import { createMeters } from './meters.js';
import { createTrace, parseTraceparent } from './trace.js';

export interface TelemetryOptions {
  readonly service: string;
  /** Unique to this process. */
  readonly instance: string;
  readonly build: string;
  /** `otlp`: to where OTEL_EXPORTER_OTLP_ENDPOINT says. */
  readonly traces: { readonly to: 'off' } | { readonly to: 'otlp' } | { readonly to: 'file'; readonly path: string };
  /** Share of the traces begun here that are recorded; a caller's decision holds. */
  readonly ratio: number;
}

export interface Telemetry {
  readonly trace: Trace;
  /** Own committed events. */
  committed(events: readonly EventEnvelope[]): void;
  record(samples: readonly Sample[]): void;
  read(supplier: () => Promise<readonly Sample[]> | readonly Sample[]): void;
  metrics(): Promise<string>;
  /** `trace_id` and `span_id` of the work that runs now. */
  logFields(): Readonly<Record<string, string>>;
  /** Sends what is still held. */
  close(): Promise<void>;
}

const QUEUE = { maxQueueSize: 20_000, maxExportBatchSize: 1_000, scheduledDelayMillis: 1_000 } as const;
const NANOSECONDS = 1e6;
const TAIL = 99;

export const startTelemetry = async (options: TelemetryOptions): Promise<Telemetry> => {
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: `mora-${options.service}`,
    [ATTR_SERVICE_VERSION]: options.build,
    'service.instance.id': options.instance,
  });
  const tracing = options.traces.to === 'off' ? null : await startTracing(options, resource);
  const trace = createTrace(tracing?.tracer ?? null);
  const meters = createMeters(resource);
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  meters.read(() => {
    const late = delay.percentile(TAIL) / NANOSECONDS;
    delay.reset();
    return [
      { metric: 'mora_resident_bytes', value: process.memoryUsage.rss() },
      { metric: 'mora_event_loop_delay_ms', value: Number.isFinite(late) ? late : 0 },
    ];
  });
  return {
    trace,
    committed: (events) => {
      for (const event of events) meters.record(samplesOf(event));
    },
    record: meters.record,
    read: meters.read,
    metrics: meters.text,
    logFields: () => {
      const context = parseTraceparent(trace.current());
      return context === null ? {} : { trace_id: context.traceId, span_id: context.spanId };
    },
    close: async () => {
      delay.disable();
      await Promise.all([tracing?.close(), meters.close()]);
    },
  };
};

interface Tracing {
  readonly tracer: Tracer;
  close(): Promise<void>;
}

/** The SDK is loaded only where somebody listens. */
const startTracing = async ({ traces, service, ratio }: TelemetryOptions, resource: Resource): Promise<Tracing> => {
  const sdk = await import('@opentelemetry/sdk-trace');
  const exporter =
    traces.to === 'file'
      ? (await import('./span-file.js')).createSpanFile(traces.path, service)
      : new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
  const provider = new sdk.TracerProvider({
    resource,
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, ...QUEUE })],
  });
  return { tracer: provider.getTracer('mora'), close: () => provider.shutdown() };
};

/**
 * The trace port on OpenTelemetry's tracer. Spans are begun at doors of ours only (decisions, commits, publishing, calls): no
 * library is patched. Without a tracer the context is passed on and nothing is recorded.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Trace, TraceAttributes, TracedPiece, TracedWork } from '@mora/eventing';
import {
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace as spans,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';

/** What a span may say; anything else is dropped, so that nothing personal can slip in by a new attribute. */
export const SPAN_ATTRIBUTES: readonly string[] = [
  'mora.source',
  'mora.cause',
  'mora.channel',
  'db.system.name',
  'db.operation.name',
  'messaging.system',
  'messaging.operation.type',
  'messaging.destination.name',
  'rpc.system.name',
  'rpc.method',
];

const KINDS: Readonly<Record<TracedWork['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** @returns null for what is no traceparent of version 00 */
export const parseTraceparent = (text: string | null): SpanContext | null => {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
};

const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;

const allowed = (attributes: TraceAttributes = {}): TraceAttributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => SPAN_ATTRIBUTES.includes(name)));

export const createTrace = (tracer: Tracer | null): Trace => {
  const running = new AsyncLocalStorage<string | null>();
  return {
    current: () => running.getStore() ?? null,
    within: (traceparent, work) => running.run(traceparent, work),
    begin: ({ name, kind, parent, begins = false, attributes, startedAt }) => {
      const context = parseTraceparent(parent);
      const isFollowed = context === null ? begins : (context.traceFlags & TraceFlags.SAMPLED) !== 0;
      if (tracer === null || !isFollowed) return passedOn(context === null ? null : parent);
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes: allowed(attributes),
          ...(startedAt === undefined ? {} : { startTime: startedAt }),
        },
        context === null ? ROOT_CONTEXT : spans.setSpanContext(ROOT_CONTEXT, context),
      );
      return {
        traceparent: formatTraceparent(span.spanContext()),
        end: (failure) => {
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failure);
          span.end();
        },
      };
    },
  };
};

const passedOn = (traceparent: string | null): TracedPiece => ({ traceparent, end: () => undefined });

/** Spans as lines of JSON, for a machine without a collector. */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ExportResult, ExportResultCode, hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** One line. Instants are wall time in ms. */
export interface SpanLine {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

const FAILED = 2;

export const createSpanFile = (path: string, service: string): SpanExporter => {
  let written: Promise<unknown> = mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const write = (spans: readonly ReadableSpan[]) =>
    appendFile(path, spans.map((span) => `${JSON.stringify(lineOf(span, service))}\n`).join(''), { mode: 0o600 });
  return {
    export: (spans: ReadableSpan[], done: (result: ExportResult) => void) => {
      const turn = written.then(() => write(spans));
      written = turn.catch(() => undefined);
      turn.then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: Error) => done({ code: ExportResultCode.FAILED, error }),
      );
    },
    forceFlush: async () => void (await written),
    shutdown: async () => void (await written),
  };
};

const lineOf = (span: ReadableSpan, service: string): SpanLine => ({
  service,
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId ?? null,
  name: span.name,
  kind: span.kind,
  from: hrTimeToMilliseconds(span.startTime),
  to: hrTimeToMilliseconds(span.endTime),
  attributes: span.attributes,
  failed: span.status.code === FAILED,
});

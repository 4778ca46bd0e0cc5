export * from './catalogue.js';
export { samplesOf } from './domain-metrics.js';
export { createLog, type Log, type LogOptions } from './log.js';
export type { SpanLine } from './span-file.js';
export * from './telemetry.js';
export { createTrace, parseTraceparent, SPAN_ATTRIBUTES } from './trace.js';

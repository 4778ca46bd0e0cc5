import { describe, expect, it } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createTrace, parseTraceparent, SPAN_ATTRIBUTES } from './trace.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = PARENT.replace(/01$/, '00');

const recorded = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return { trace: createTrace(provider.getTracer('test')), spans: () => exporter.getFinishedSpans() };
};

describe('the trace port', () => {
  it.each([
    null,
    '',
    'x',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    `01${PARENT.slice(2)}`,
    PARENT.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    `${PARENT}-extra`,
  ])('does not take %p for a traceparent', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('records a piece as a child of its parent, and what it leads to as its children', () => {
    const { trace, spans } = recorded();
    const piece = trace.begin({ name: 'decide', kind: 'consumer', parent: PARENT });
    trace.begin({ name: 'commit', kind: 'client', parent: piece.traceparent }).end();
    piece.end();
    const [commit, decide] = spans();
    expect(decide!.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331' });
    expect(commit!.parentSpanContext).toMatchObject({ spanId: decide!.spanContext().spanId });
    expect(commit!.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('begins a trace only at a door, and never records what its caller did not', () => {
    const { trace, spans } = recorded();
    expect(trace.begin({ name: 'tick', kind: 'internal', parent: null }).traceparent).toBeNull();
    const unsampled = trace.begin({ name: 'decide', kind: 'internal', parent: UNSAMPLED });
    unsampled.end();
    expect(unsampled.traceparent).toBe(UNSAMPLED);
    const door = trace.begin({ name: 'take', kind: 'server', parent: null, begins: true });
    door.end();
    expect(spans().map(({ name }) => name)).toEqual(['take']);
    expect(parseTraceparent(door.traceparent)?.traceId).toBe(spans()[0]!.spanContext().traceId);
  });

  it('does not record what never ended', () => {
    const { trace, spans } = recorded();
    trace.begin({ name: 'decided again', kind: 'internal', parent: PARENT });
    expect(spans()).toEqual([]);
  });

  it('passes the context on without a tracer, and drops what is none', () => {
    const trace = createTrace(null);
    expect(trace.begin({ name: 'x', kind: 'internal', parent: PARENT }).traceparent).toBe(PARENT);
    expect(trace.begin({ name: 'x', kind: 'internal', parent: 'junk' }).traceparent).toBeNull();
  });

  it('carries the context through everything that the work starts, and nowhere else', async () => {
    const trace = createTrace(null);
    const seen = await trace.within(PARENT, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return trace.current();
    });
    expect([seen, trace.current()]).toEqual([PARENT, null]);
  });

  it('says only what it may, and of a failure only its name', () => {
    const { trace, spans } = recorded();
    const attributes = { 'mora.source': 'sms', number: '+8613900000000', 'mora.text': '您好' };
    trace.begin({ name: 'decide', kind: 'internal', parent: PARENT, attributes }).end('CommandRefused');
    const [span] = spans();
    expect(span!.attributes).toEqual({ 'mora.source': 'sms', 'error.type': 'CommandRefused' });
    expect(span!.events).toEqual([]);
    expect(SPAN_ATTRIBUTES.filter((name) => /number|phone|name$|text|heard/.test(name))).toEqual([
      'db.system.name',
      'db.operation.name',
      'messaging.destination.name',
      'rpc.system.name',
    ]);
  });
});

import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_TRACE } from '@mora/eventing';
import { clockV1 } from './generated.js';
import { addService, clientFor, createGrpcServer, type GrpcServer } from './grpc.js';

class ClockRefused extends Error {
  readonly code = 'CLOCK_IS_REAL';
}
let server: GrpcServer;
let address: string;
let clock: ReturnType<typeof connect>;
let errors: unknown[];
let advance: (to: string) => Promise<string>;
const connect = () => clientFor(clockV1.ClockService, address, { deadlineMs: 2_000 });

beforeEach(async () => {
  errors = [];
  advance = async (to) => to;
  server = createGrpcServer(4_096);
  addService(
    server.server,
    clockV1.ClockService,
    {
      now: async (_request, call) => ({
        now: '2026-11-02T01:00:00.000Z',
        kind: 'stepped',
        anchorId: call.traceparent ?? '',
      }),
      quiet: async () => ({ quiet: true, begun: 7n }),
      advance: async ({ to }) => ({ now: await advance(to) }),
    },
    { statuses: { CLOCK_IS_REAL: status.FAILED_PRECONDITION }, onError: (error) => errors.push(error) },
  );
  address = `127.0.0.1:${await server.listen({ host: '127.0.0.1', port: 0 })}`;
  clock = connect();
});
afterEach(async () => {
  clock.close();
  await server.close();
});

const raw = (path: string, bytes: Buffer): Promise<number> => {
  const client = new Client(address, credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (b: Buffer) => b,
      (b) => b,
      bytes,
      (error) => {
        client.close();
        resolve(error?.code ?? status.OK);
      },
    );
  });
};

describe('gRPC', () => {
  test('carries messages and the trace', async () => {
    const answer = await clock.now({}, { traceparent: '00-abc' });
    expect(answer).toMatchObject({ now: '2026-11-02T01:00:00.000Z', kind: 'stepped', anchorId: '00-abc' });
    const quiet = await clock.quiet({});
    expect([quiet.quiet, quiet.begun, quiet.nextDueAt]).toEqual([true, 7n, undefined]);
  });

  test("tells the caller the service's own code of a listed error", async () => {
    advance = async () => {
      throw new ClockRefused('a real clock does not step');
    };
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({
      code: 'CLOCK_IS_REAL',
      status: status.FAILED_PRECONDITION,
      message: 'a real clock does not step',
    });
  });

  test('keeps the words of any other error to itself, and reports it', async () => {
    advance = async () => {
      throw Object.assign(new Error('password is hunter2'), { code: '28P01' });
    };
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    expect(errors).toHaveLength(1);
  });

  test('ends a call at its deadline', async () => {
    advance = () => new Promise(() => undefined);
    await expect(clock.advance({ to: 'x' }, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await server.close(10);
  });

  test('names bytes that are no such message, an unknown method and a message too large', async () => {
    expect(await raw('/mora.clock.v1.ClockService/Advance', Buffer.from([0xff, 0xff, 0xff]))).toBe(
      status.INVALID_ARGUMENT,
    );
    expect(await raw('/mora.clock.v1.ClockService/Rewind', Buffer.alloc(0))).toBe(status.UNIMPLEMENTED);
    expect(await raw('/mora.clock.v1.ClockService/Advance', Buffer.alloc(5_000))).toBe(status.RESOURCE_EXHAUSTED);
    expect((await clock.advance({ to: 'y' })).now).toBe('y');
  });

  test('tells the caller that a request is in hand, before its answer', async () => {
    const other = createGrpcServer();
    const answer = Promise.withResolvers<void>();
    addService(
      other.server,
      clockV1.ClockService,
      {
        now: async () => ({}),
        quiet: async () => ({}),
        advance: async ({ to }, call) => {
          call.acknowledge();
          call.acknowledge();
          await answer.promise;
          return { now: to };
        },
      },
      {
        onError: (error) => errors.push(error),
        trace: {
          ...NO_TRACE,
          begin: ({ name, kind, parent }) => {
            errors.push({ name, kind, parent });
            return NO_TRACE.begin({ name, kind, parent });
          },
        },
        onAnswered: ({ method, code }) => errors.push({ method, code }),
      },
    );
    const port = await other.listen({ host: '127.0.0.1', port: 0 });
    const client = clientFor(clockV1.ClockService, `127.0.0.1:${port}`);
    const inHand = Promise.withResolvers<void>();
    const reply = client.advance({ to: 'x' }, { onAcknowledged: inHand.resolve, traceparent: '00-abc' });
    await inHand.promise;
    answer.resolve();
    expect((await reply).now).toBe('x');
    const path = '/mora.clock.v1.ClockService/Advance';
    expect(errors).toEqual([
      { name: path, kind: 'server', parent: '00-abc' },
      { method: path, code: 'OK' },
    ]);
    client.close();
    await other.close();
  });

  test('ends a call that is given up, also before it began', async () => {
    const begun = Promise.withResolvers<void>();
    advance = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const up = new AbortController();
    const reply = clock.advance({ to: 'x' }, { signal: up.signal });
    await begun.promise;
    up.abort();
    await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(clock.now({}, { signal: up.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('waits for a connection when it is told to, until the deadline', async () => {
    const port = Number(address.split(':')[1]);
    await server.close();
    await expect(clock.now({}, { waitForReady: true, deadlineMs: 100 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const reply = clock.now({}, { waitForReady: true });
    server = createGrpcServer();
    addService(
      server.server,
      clockV1.ClockService,
      { now: async () => ({ now: 'later' }), quiet: async () => ({}), advance: async () => ({}) },
      { onError: () => undefined },
    );
    await server.listen({ host: '127.0.0.1', port });
    expect((await reply).now).toBe('later');
  });

  test('says that nobody answers', async () => {
    await server.close();
    await expect(clock.now({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('names a port in use', async () => {
    const other = createGrpcServer();
    const port = Number(address.split(':')[1]);
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'PORT_IN_USE', port });
    await other.close();
  });
});

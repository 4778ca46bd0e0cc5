import { createServer } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, type Metadata, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CommandRefused, NO_TRACE } from '@mora/eventing';
import { Wire, type WireOptions } from '@mora/test-kit';
import {
  type CanActivate,
  Controller,
  type INestApplication,
  Inject,
  Module,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod, GrpcStreamMethod, MessagePattern } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { EMPTY, NEVER, of, throwError } from 'rxjs';
import { clientFor, type RemoteOptions } from './client.js';
import { clockV1, guardV1, healthV1, intakeV1 } from './generated.js';
import { acknowledge, GrpcDoor, type GrpcDoorOptions } from './grpc-door.js';
import { GrpcErrorFilter } from './grpc-error.filter.js';
import { MAX_MESSAGE_BYTES } from './methods.js';

const PATH = '/mora.clock.v1.ClockService';
const NOW = '2026-11-02T01:00:00.000Z';
type Call = ServerUnaryCall<unknown, unknown>;

/** What `Advance` does is the test's. */
class Answers {
  readonly asked: string[] = [];
  advance: (to: string, call: Call) => unknown = async (to) => ({ now: to });
}

@Controller()
class SpecClock {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @GrpcMethod('ClockService', 'Now')
  now(_request: unknown, metadata: Metadata) {
    return { now: NOW, kind: 'stepped', anchorId: metadata.get('traceparent')[0]?.toString() ?? '' };
  }
  @GrpcMethod('ClockService', 'Quiet')
  quiet() {
    return of({ quiet: true, begun: 7n });
  }
  @GrpcMethod('ClockService', 'Advance')
  advance({ to }: clockV1.AdvanceRequest, _metadata: Metadata, call: Call) {
    this.answers.asked.push(to);
    return this.answers.advance(to, call);
  }
}

/** Long enough at work that others come meanwhile. */
@Controller()
class SpecIntake {
  @GrpcMethod('IntakeService', 'SubmitBatch')
  async submitBatch() {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return {};
  }
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});

const connect = (port: number, options: RemoteOptions = {}) => {
  const clock = clientFor(clockV1.ClockService, `127.0.0.1:${port}`, { deadlineMs: 2_000, ...options });
  ending.push(clock.close);
  return clock;
};
const rig = async (options: Partial<WireOptions> = {}) => {
  const [answers, errors] = [new Answers(), [] as unknown[]];
  const wire = await Wire.up({
    controllers: [SpecClock],
    providers: [{ provide: Answers, useValue: answers }],
    services: [clockV1.ClockService],
    maxMessageBytes: 4_096,
    onInternal: (error) => errors.push(error),
    ...options,
  });
  ending.push(() => wire.stop());
  return { wire, answers, errors, clock: connect(wire.port) };
};

/** A web application with a door of its own, as a service is one. */
const hybrid = async (
  options: Partial<GrpcDoorOptions> = {},
  { inheritAppConfig = true, configure = (_app: INestApplication): void => undefined } = {},
) => {
  const answers = new Answers();
  @Module({ controllers: [SpecClock], providers: [{ provide: Answers, useValue: answers }] })
  class App {}
  const told: unknown[] = [];
  const passedBy: unknown[] = [];
  const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false });
  app.useGlobalFilters(new GrpcErrorFilter((error) => told.push(error)));
  configure(app);
  const onInternal = (error: unknown) => passedBy.push(error);
  const door = new GrpcDoor({ host: '127.0.0.1', port: 0, services: [clockV1.ClockService], onInternal, ...options });
  app.connectMicroservice({ strategy: door }, { inheritAppConfig });
  ending.push(async () => {
    await door.close(1);
    await app.close();
  });
  await app.startAllMicroservices();
  return { app, door, answers, told, passedBy, clock: connect(door.port) };
};

/** @returns the status, and the code and the text that came with it */
const raw = (port: number, path: string, bytes: Buffer) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const same = (b: Buffer) => b;
  return new Promise<{ status: status; code: string; text: string }>((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, { deadline: Date.now() + 2_000 }, (error) => {
      client.close();
      const code = error?.metadata?.get('mora-code')[0]?.toString() ?? '';
      resolve({ status: error?.code ?? status.OK, code, text: error?.details ?? '' });
    });
  });
};

const refused = () => {
  throw new CommandRefused('PERMIT_INVALID', 'the permit does not hold');
};
const leaky = () => Object.assign(new Error('password is hunter2'), { code: '28P01' });

describe('gRPC', () => {
  test('carries messages and the trace', async () => {
    const { clock } = await rig();
    const answer = await clock.now({}, { traceparent: '00-abc' });
    expect(answer).toMatchObject({ now: NOW, kind: 'stepped', anchorId: '00-abc' });
    const quiet = await clock.quiet({});
    expect([quiet.quiet, quiet.begun, quiet.nextDueAt]).toEqual([true, 7n, undefined]);
  });

  test("tells the caller the service's own code of a listed error", async () => {
    const { clock, answers, errors } = await rig();
    answers.advance = async () => {
      throw Object.assign(new Error('a real clock does not step'), { code: 'CLOCK_IS_REAL' });
    };
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({
      code: 'CLOCK_IS_REAL',
      status: status.FAILED_PRECONDITION,
      message: 'a real clock does not step',
    });
    expect(errors).toEqual([]);
  });

  test('keeps the words of any other error to itself, and reports it', async () => {
    const { clock, answers, errors } = await rig();
    answers.advance = async () => {
      throw leaky();
    };
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    expect(errors).toMatchObject([{ code: '28P01' }]);
  });

  test('ends a call at its deadline', async () => {
    const { clock, answers, wire } = await rig();
    answers.advance = () => new Promise(() => undefined);
    await expect(clock.advance({ to: 'x' }, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await wire.stop(10);
  });

  test('names bytes that are no such message, an unknown method and a message too large', async () => {
    const { clock, wire } = await rig();
    const answered = async (method: string, bytes: Buffer) => (await raw(wire.port, `${PATH}/${method}`, bytes)).status;
    expect(await answered('Advance', Buffer.from([0xff, 0xff, 0xff]))).toBe(status.INVALID_ARGUMENT);
    expect(await answered('Rewind', Buffer.alloc(0))).toBe(status.UNIMPLEMENTED);
    expect(await answered('Advance', Buffer.alloc(5_000))).toBe(status.RESOURCE_EXHAUSTED);
    expect((await clock.advance({ to: 'y' })).now).toBe('y');
  });

  test('looks at the size of a request before it decodes, and has room again after each', async () => {
    const { wire } = await rig({
      controllers: [SpecIntake],
      services: [intakeV1.IntakeService],
      notOffered: ['RecordAccount', 'PostPayment', 'ReversePayment', 'PostPaymentsThrough'].map(
        (method) => `/mora.intake.v1.IntakeService/${method}`,
      ),
      maxMessageBytes: MAX_MESSAGE_BYTES,
    });
    const submit = (bytes: Buffer) => raw(wire.port, '/mora.intake.v1.IntakeService/SubmitBatch', bytes);
    expect(await submit(Buffer.alloc(4_000_000).fill(Buffer.from([10, 0])))).toEqual({
      status: status.INVALID_ARGUMENT,
      code: 'REQUEST_TOO_LARGE',
      text: expect.stringContaining('facts[10000]'),
    });
    const facts = Array.from({ length: 60 }, () => ({
      fact: { case: 'account' as const, value: { name: 'x'.repeat(250_000) } },
    }));
    const large = Buffer.from(
      toBinary(intakeV1.SubmitBatchRequestSchema, create(intakeV1.SubmitBatchRequestSchema, { facts })),
    );
    for (let i = 0; i < 4; i++) expect((await submit(large)).status).toBe(status.OK);
    const together = await Promise.all(Array.from({ length: 6 }, () => submit(large)));
    expect(new Set(together.map(({ code }) => code))).toEqual(new Set(['', 'TOO_MUCH_AT_ONCE']));
    expect((await submit(large)).status).toBe(status.OK);
  });

  test('sends no answer that is too large', async () => {
    const { clock, answers } = await rig();
    answers.advance = async () => ({ now: 'x'.repeat(4_200) });
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    answers.advance = async () => ({ now: 'x'.repeat(4_000) });
    expect((await clock.advance({ to: 'x' })).now).toHaveLength(4_000);
  });

  test('tells the caller that a request is in hand, before its answer', async () => {
    const seen: unknown[] = [];
    const { answers, clock } = await rig({
      trace: {
        ...NO_TRACE,
        begin: ({ name, kind, parent }) => {
          seen.push({ name, kind, parent });
          return NO_TRACE.begin({ name, kind, parent });
        },
      },
      onAnswered: ({ method, code }) => seen.push({ method, code }),
    });
    const answer = Promise.withResolvers<void>();
    answers.advance = async (to, call) => {
      acknowledge(call);
      acknowledge(call);
      await answer.promise;
      return { now: to };
    };
    const inHand = Promise.withResolvers<void>();
    const reply = clock.advance({ to: 'x' }, { onAcknowledged: inHand.resolve, traceparent: '00-abc' });
    await inHand.promise;
    answer.resolve();
    expect((await reply).now).toBe('x');
    const path = `${PATH}/Advance`;
    expect(seen).toEqual([
      { name: path, kind: 'server', parent: '00-abc' },
      { method: path, code: 'OK' },
    ]);
  });

  test('ends its piece of the trace with the name of the error, never its words', async () => {
    const ended: unknown[] = [];
    const begin = () => ({ traceparent: null, end: (failure?: string) => ended.push(failure) });
    const { answers, clock } = await rig({ trace: { ...NO_TRACE, begin } });
    await clock.now({});
    answers.advance = refused;
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'PERMIT_INVALID' });
    answers.advance = () => null;
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(ended).toEqual([undefined, 'CommandRefused', 'TypeError']);
  });

  test('ends a call that is given up, also before it began', async () => {
    const { answers, clock } = await rig();
    const begun = Promise.withResolvers<void>();
    answers.advance = () => {
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
    const { wire, clock } = await rig();
    await wire.stop();
    await expect(clock.now({}, { waitForReady: true, deadlineMs: 100 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const reply = clock.now({}, { waitForReady: true });
    await wire.start();
    expect((await reply).now).toBe(NOW);
  });

  test('says that nobody answers', async () => {
    const { wire, clock } = await rig();
    await wire.stop();
    await expect(clock.now({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('names a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ending.push(() => new Promise((resolve) => taken.close(resolve)));
    const { port } = taken.address() as { port: number };
    await expect(hybrid({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', port });
  });
});

describe('the door', () => {
  test('stays shut when a method has no handler, unless that is meant', async () => {
    const options = { services: [clockV1.ClockService, guardV1.GuardService] };
    const authorize = '/mora.guard.v1.GuardService/Authorize';
    const settle = '/mora.guard.v1.GuardService/Settle';
    await expect(rig(options)).rejects.toMatchObject({ code: 'DOOR_INCOMPLETE', missing: [authorize, settle] });
    await expect(rig({ ...options, notOffered: [settle] })).rejects.toThrow(`${authorize} has no handler`);
    const { wire, clock } = await rig({ ...options, notOffered: [settle, authorize] });
    expect(await raw(wire.port, settle, Buffer.alloc(0))).toEqual({
      status: status.UNIMPLEMENTED,
      code: 'NOT_OFFERED',
      text: `${settle} is not offered`,
    });
    expect((await clock.now({})).now).toBe(NOW);
  });

  test('stays shut when a handler has no method, unless its service is hidden', async () => {
    const options = { services: [healthV1.Health], notOffered: ['/grpc.health.v1.Health/Check'] };
    const unknown = ['Now', 'Quiet', 'Advance'].map((method) => `ClockService/${method}`);
    await expect(rig(options)).rejects.toMatchObject({ code: 'DOOR_INCOMPLETE', unknown });
    const { wire, answers } = await rig({ ...options, hidden: [clockV1.ClockService] });
    expect((await raw(wire.port, `${PATH}/Advance`, Buffer.alloc(0))).status).toBe(status.UNIMPLEMENTED);
    expect(answers.asked).toEqual([]);
  });

  test('stays shut over a handler of what is not offered, of a stream, of another transport, and over two of the same', async () => {
    @Controller()
    class Second {
      @GrpcMethod('ClockService', 'Now')
      now() {
        return {};
      }
    }
    @Controller()
    class Streams {
      @GrpcStreamMethod('ClockService', 'Now')
      now() {
        return NEVER;
      }
      @MessagePattern('debtors')
      debtors() {
        return {};
      }
    }
    await expect(rig({ notOffered: [`${PATH}/Now`] })).rejects.toMatchObject({ unknown: ['ClockService/Now'] });
    await expect(rig({ controllers: [SpecClock, Second] })).rejects.toMatchObject({ ambiguous: ['ClockService/Now'] });
    await expect(rig({ controllers: [SpecClock, Streams] })).rejects.toMatchObject({
      unknown: [expect.stringContaining('rx_stream'), '"debtors"'],
    });
  });

  test('keeps the port that it was given, and is closed once', async () => {
    const { app, door, clock } = await hybrid();
    const { port } = door;
    expect(port).toBeGreaterThan(0);
    await clock.now({});
    const closed = door.close();
    expect(door.close(1)).toBe(closed);
    await closed;
    expect(door.port).toBe(port);
    await app.close();
    await expect(clock.now({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('lets running calls end within the grace, and cuts off what takes longer', async () => {
    const [quick, slow] = [await hybrid(), await hybrid()];
    const [begun, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    quick.answers.advance = async () => {
      begun.resolve();
      await answer.promise;
      return { now: 'in the end' };
    };
    const reply = quick.clock.advance({ to: 'x' });
    await begun.promise;
    const closed = quick.door.close();
    await expect(connect(quick.door.port).now({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer.resolve();
    expect((await reply).now).toBe('in the end');
    await closed;

    const hanging = Promise.withResolvers<void>();
    slow.answers.advance = () => {
      hanging.resolve();
      return new Promise(() => undefined);
    };
    const lost = expect(slow.clock.advance({ to: 'x' }, { deadlineMs: 10_000 })).rejects.toThrow();
    await hanging.promise;
    const began = performance.now();
    await slow.door.close(50);
    await lost;
    expect(performance.now() - began).toBeLessThan(1_500);
  });
});

describe('a handler', () => {
  const failures: [string, () => unknown][] = [
    ['returns nothing', () => undefined],
    ['returns null', async () => null],
    ['returns a text', async () => 'OK'],
    ['returns what the message cannot hold', async () => ({ now: Object.create(null) })],
    [
      'throws',
      () => {
        throw leaky();
      },
    ],
    ['rejects', () => Promise.reject(leaky())],
    ['rejects without a reason', () => Promise.reject()],
    ['returns an Observable that fails', () => throwError(leaky)],
    ['promises an Observable that fails', async () => throwError(leaky)],
    ['returns an empty Observable', () => EMPTY],
    ['returns an Observable of nothing', () => of(undefined)],
  ];

  test.each(failures)('that %s leaves no caller waiting, and none with an empty answer', async (_, advance) => {
    const answered: string[] = [];
    const { clock, answers, errors } = await rig({ onAnswered: ({ code }) => answered.push(code) });
    answers.advance = advance;
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    expect([errors.length, answered]).toEqual([1, ['INTERNAL']]);
    answers.advance = () => of({ now: 'first' }, { now: 'last' });
    expect((await clock.advance({ to: 'x' })).now).toBe('last');
  });

  test('that refuses is heard by the caller in a hybrid application, if that passes its filters on', async () => {
    const { clock, answers, told } = await hybrid();
    answers.advance = refused;
    const refusal = { code: 'PERMIT_INVALID', status: status.FAILED_PRECONDITION, message: 'the permit does not hold' };
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject(refusal);
    answers.advance = () => throwError(() => new CommandRefused('PERMIT_INVALID', 'the permit does not hold'));
    await expect(clock.advance({ to: 'x' })).rejects.toMatchObject(refusal);
    expect(told).toEqual([]);

    const bare = await hybrid({}, { inheritAppConfig: false });
    for (bare.answers.advance of [refused, () => Promise.reject(leaky())])
      await expect(bare.clock.advance({ to: 'x' })).rejects.toMatchObject({
        code: 'INTERNAL',
        message: 'internal error',
      });
    expect([bare.told.length, bare.passedBy.length]).toEqual([0, 2]);
  });
});

describe('bytes that are no message', () => {
  const to = (wire: number, ...rest: number[]) => Buffer.from([8 + wire, ...rest]);
  test.each([
    ['of a wrong wire type', to(0, 1), 'to: has wire type 0, not 2'],
    ['that are cut off', to(2, 9, 65), 'to: is cut off: 1 of 9 bytes are there'],
    ['that are no UTF-8', to(2, 1, 0xff), 'to: is not UTF-8'],
  ])('%s are named, and never reach Nest', async (_, bytes, problem) => {
    const seen: string[] = [];
    const answered: string[] = [];
    const guard: CanActivate = { canActivate: () => seen.push('guard') > 0 };
    const pipe: PipeTransform = {
      transform: (value, { type }) => {
        seen.push(`pipe ${type}`);
        return value;
      },
    };
    const interceptor: NestInterceptor = {
      intercept: (_context, next) => {
        seen.push('interceptor');
        return next.handle();
      },
    };
    const { door, answers, clock } = await hybrid(
      { onAnswered: ({ code }) => answered.push(code) },
      { configure: (app) => app.useGlobalGuards(guard).useGlobalPipes(pipe).useGlobalInterceptors(interceptor) },
    );
    const text = `The request is not a mora.clock.v1.AdvanceRequest: ${problem}`;
    expect(await raw(door.port, `${PATH}/Advance`, bytes)).toEqual({
      status: status.INVALID_ARGUMENT,
      code: 'UNDECODABLE_REQUEST',
      text,
    });
    expect([seen, answers.asked, answered]).toEqual([[], [], ['UNDECODABLE_REQUEST']]);
    expect((await clock.advance({ to: 'x' })).now).toBe('x');
    expect(seen.toSorted()).toEqual(['guard', 'interceptor', 'pipe body', 'pipe custom', 'pipe custom']);
  });
});

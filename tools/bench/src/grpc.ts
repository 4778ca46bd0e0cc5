/**
 * `npm run bench:grpc`: unary calls through the gRPC door of a Nest application, against a bare grpc-js server that decodes and
 * gives the same answer with nothing around it. `--rounds 9 --ms 600 --callers 32` by default.
 */
import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import type { AuthorizeReply, GuardApi } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import {
  ACTIVITY,
  clientFor,
  GrpcDoor,
  GrpcErrorFilter,
  GrpcHealthController,
  GUARD_API,
  GuardController,
  guardV1,
  healthV1,
  SERVING,
} from '@mora/grpc';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { machine } from './ground.js';
import { aimTable, inTurn, numberOption, perSecond, table, throughput } from './measure.js';

const rounds = numberOption('rounds', 9);
const ms = numberOption('ms', 600);
const writers = numberOption('callers', 32);
const HOST = '127.0.0.1';

const permit = {
  contactId: 'attempt-1',
  debtorId: 'debtor-1',
  phoneRef: 'phone-ref-1',
  channel: 'call' as const,
  gatewayId: 'gateway-1',
  startNotAfter: '2026-11-02T01:00:15.000Z',
  ringMaxSeconds: 25,
  endBy: '2026-11-02T13:50:00.000Z',
  keyId: 'key-1',
  signature: 'c2lnbmVk'.repeat(11),
};
const asked = {
  contactId: 'attempt-1',
  debtorId: 'debtor-1',
  channel: 'call',
  phoneRef: 'phone-ref-1',
  gatewayId: 'gateway-1',
  actor: 'bank',
  party: 'debtor',
  accountIds: ['account-1', 'account-2'],
  context: {
    caseId: 'case-1',
    accountId: 'account-1',
    treatmentId: 'treatment-1',
    businessDate: '2026-11-02',
    dpd: 3,
    tier: 'M',
    term: 'short',
    stage: 'm-first',
    experimentId: '',
    arm: '',
    strategyHash: 'hash',
    channel: 'call',
    ordinalInEpisode: 1,
    ordinalToday: 0,
  },
};
const { SERVING: UP } = healthV1.HealthCheckResponse_ServingStatus;
const guard: GuardApi = { authorize: async (): Promise<AuthorizeReply> => ({ result: 'allowed', permit }) };

@Module({
  controllers: [GuardController, GrpcHealthController],
  providers: [
    { provide: GUARD_API, useValue: guard },
    { provide: ACTIVITY, useValue: createActivity() },
    { provide: SERVING, useValue: () => true },
  ],
})
class Guarded {}

const openDoor = async () => {
  const strategy = new GrpcDoor({
    host: HOST,
    port: 0,
    services: [guardV1.GuardService, healthV1.Health],
    notOffered: ['/mora.guard.v1.GuardService/Settle'],
  });
  const app = await NestFactory.createMicroservice(Guarded, { strategy, logger: false });
  app.useGlobalFilters(
    new GrpcErrorFilter((error) => {
      throw error;
    }),
  );
  await app.listen();
  return { port: strategy.port, close: () => app.close() };
};

const bareMethod = <I extends DescMessage, O extends DescMessage>(
  desc: DescService,
  method: { readonly name: string; readonly input: I; readonly output: O },
  answer: () => MessageShape<O>,
) => ({
  definition: {
    path: `/${desc.typeName}/${method.name}`,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: MessageShape<O>) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  },
  handle: (_call: ServerUnaryCall<MessageShape<I>, MessageShape<O>>, reply: sendUnaryData<MessageShape<O>>) =>
    reply(null, answer()),
});

const openBare = async () => {
  const authorize = bareMethod(guardV1.GuardService, guardV1.GuardService.method.authorize, () =>
    create(guardV1.AuthorizeResponseSchema, { result: { case: 'permit', value: permit } }),
  );
  const check = bareMethod(healthV1.Health, healthV1.Health.method.check, () =>
    create(healthV1.HealthCheckResponseSchema, { status: UP }),
  );
  const server = new Server();
  server.addService({ authorize: authorize.definition }, { authorize: authorize.handle });
  server.addService({ check: check.definition }, { check: check.handle });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
};

const callsOf = (port: number) => {
  const health = clientFor(healthV1.Health, `${HOST}:${port}`);
  const guards = clientFor(guardV1.GuardService, `${HOST}:${port}`);
  return {
    check: () => throughput({ writers, ms }, () => health.check({})),
    authorize: () => throughput({ writers, ms }, () => guards.authorize(asked)),
    close: () => {
      health.close();
      guards.close();
    },
  };
};

const [door, bare] = [await openDoor(), await openBare()];
const [atDoor, atBare] = [callsOf(door.port), callsOf(bare.port)];
const small = await inTurn({ door: atDoor.check, bare: atBare.check }, { rounds });
const verdict = await inTurn({ door: atDoor.authorize, bare: atBare.authorize }, { rounds });
atDoor.close();
atBare.close();
await door.close();
bare.close();
const rows = Object.entries({ 'health check': small, 'guard verdict': verdict }).map(([what, { rates }]) => [
  what,
  perSecond(rates['door']!),
  perSecond(rates['bare']!),
]);
process.stdout.write(`${machine()} · ${rounds} rounds, in turn\n\n`);
process.stdout.write(`${table(['calls per second', 'Mora', 'bare grpc-js'], rows)}\n\n`);
process.stdout.write(
  `${aimTable([
    { what: 'health check ÷ bare grpc-js', ratio: small.ratio('door', 'bare'), aim: 0.8 },
    { what: 'guard verdict ÷ bare grpc-js', ratio: verdict.ratio('door', 'bare'), aim: 0.7 },
  ])}\n`,
);

import type { MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuthorizeReply, AuthorizeRequest, GuardApi } from '@mora/contracts';
import { createActivity } from '@mora/eventing';
import { Wire } from '@mora/test-kit';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { clientFor } from '../client.js';
import { guardV1 } from '../generated.js';
import { ASKED, PERMIT } from '../ports.fixture.js';
import { ACTIVITY, GUARD_API } from '../tokens.js';
import { GuardController } from './guard.controller.js';
import { guardClient } from './guard.js';

/** Allows contacts of `debtor-1`; what happens before each answer is the test's. */
class FakeGuard implements GuardApi {
  readonly asked: AuthorizeRequest[] = [];
  before: () => Promise<void> = async () => undefined;
  denial: AuthorizeReply = { result: 'denied', deniedBy: ['CN-HOURS', 'CAP-DAY'], retryNotBefore: null };

  async authorize(request: AuthorizeRequest): Promise<AuthorizeReply> {
    this.asked.push(request);
    await this.before();
    if (request.debtorId !== 'debtor-1') return this.denial;
    const { contactId, debtorId, phoneRef, channel, gatewayId } = request;
    return { result: 'allowed', permit: { ...PERMIT, contactId, debtorId, phoneRef, channel, gatewayId } };
  }
}

const SETTLE = '/mora.guard.v1.GuardService/Settle';
const never = (): Promise<never> => new Promise(() => undefined);
let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});

const remote = async (
  api: GuardApi,
  { deadlineMs = 3_000, up = true, activity = createActivity() } = {},
): Promise<{ wire: Wire; guard: GuardApi; errors: unknown[]; activity: typeof activity }> => {
  const errors: unknown[] = [];
  const wire = await Wire.at({
    controllers: [GuardController],
    providers: [
      { provide: GUARD_API, useValue: api },
      { provide: ACTIVITY, useValue: createActivity() },
    ],
    services: [guardV1.GuardService],
    notOffered: [SETTLE],
    onInternal: (error) => errors.push(error),
  });
  if (up) await wire.start();
  const guard = guardClient(wire.address, { deadlineMs, activity });
  ending.push(() => wire.stop(), guard.close);
  return { wire, guard, errors, activity };
};

const ANSWER = Symbol('what the broken guard answers');
/** A guard that breaks its contract. */
@Controller()
class BrokenGuard {
  constructor(@Inject(ANSWER) private readonly answer: object) {}

  @GrpcMethod('GuardService', 'Authorize')
  async authorize() {
    return this.answer;
  }
}
const broken = async (answer: object) => {
  const wire = await Wire.up({
    controllers: [BrokenGuard],
    providers: [{ provide: ANSWER, useValue: answer }],
    services: [guardV1.GuardService],
    notOffered: [SETTLE],
  });
  const guard = guardClient(wire.address, { deadlineMs: 2_000 });
  ending.push(() => wire.stop(), guard.close);
  return guard;
};

describe.each([
  ['as an object', async (api: GuardApi) => api],
  ['over gRPC', async (api: GuardApi) => (await remote(api)).guard],
])('the guard %s', (_, connect) => {
  it('gives a permit field by field, the same to the same contact', async () => {
    const guard = await connect(new FakeGuard());
    expect(await guard.authorize(ASKED)).toEqual({ result: 'allowed', permit: PERMIT });
    expect(await guard.authorize(ASKED)).toEqual({ result: 'allowed', permit: PERMIT });
  });

  it('denies with its rules, with and without an instant to come back', async () => {
    const api = new FakeGuard();
    const guard = await connect(api);
    const other = { ...ASKED, debtorId: 'debtor-2' };
    expect(await guard.authorize(other)).toEqual(api.denial);
    api.denial = { result: 'denied', deniedBy: [], retryNotBefore: '2026-11-03T01:00:00.000Z' };
    expect(await guard.authorize(other)).toEqual(api.denial);
  });

  it('hears the request as it was made, whatever is absent', async () => {
    const api = new FakeGuard();
    const guard = await connect(api);
    const sms: AuthorizeRequest = {
      ...ASKED,
      channel: 'sms',
      solicitedBy: 'telephony/1/0/7',
      askedBy: 'x',
      accountIds: [],
    };
    const agency: AuthorizeRequest = { ...ASKED, actor: 'agency', actorId: 'agency-1' };
    const human: AuthorizeRequest = { ...ASKED, actor: 'human', actorId: 'complaints' };
    for (const asked of [ASKED, sms, agency, human]) await guard.authorize(asked);
    expect(api.asked).toEqual([ASKED, sms, agency, human]);
  });

  it('throws when the guard throws', async () => {
    const api = new FakeGuard();
    api.before = async () => {
      throw new Error('the database is gone');
    };
    const guard = await connect(api);
    await expect(guard.authorize(ASKED)).rejects.toThrow();
    expect(api.asked).toHaveLength(1);
  });
});

describe('the guard at another process', () => {
  it('may start after it was asked', async () => {
    const { wire, guard } = await remote(new FakeGuard(), { up: false });
    const reply = guard.authorize(ASKED);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await wire.start();
    expect(await reply).toMatchObject({ result: 'allowed' });
  });

  it('is asked the same again when it dies over a question', async () => {
    const api = new FakeGuard();
    const { wire, guard } = await remote(api);
    const reached = Promise.withResolvers<void>();
    api.before = () => {
      reached.resolve();
      return never();
    };
    const reply = guard.authorize(ASKED);
    await reached.promise;
    await wire.stop();
    api.before = async () => undefined;
    await wire.start();
    expect(await reply).toMatchObject({ result: 'allowed' });
    expect(api.asked).toEqual([ASKED, ASKED]);
  });

  it('means no when nobody answers, and when it does not answer in time', async () => {
    const api = new FakeGuard();
    const { wire, guard } = await remote(api, { deadlineMs: 300 });
    api.before = never;
    await expect(guard.authorize(ASKED)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await wire.stop();
    const began = performance.now();
    await expect(guard.authorize(ASKED)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(api.asked).toHaveLength(1);
  });

  it('holds the clock while it is asked, until the answer', async () => {
    const api = new FakeGuard();
    const { guard, activity } = await remote(api);
    const seen: number[] = [];
    api.before = async () => {
      seen.push(activity.busy);
    };
    await guard.authorize(ASKED);
    expect([seen, activity.busy]).toEqual([[1], 0]);
  });

  it('refuses what is no request, without judging it', async () => {
    const api = new FakeGuard();
    const { wire, errors } = await remote(api);
    const raw = clientFor(guardV1.GuardService, wire.address);
    ending.push(raw.close);
    const fax = { ...ASKED, channel: 'fax', solicitedBy: undefined, askedBy: undefined } as object;
    await expect(raw.authorize(fax)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(raw.authorize({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(raw.settle({})).rejects.toMatchObject({ code: 'NOT_OFFERED' });
    expect([api.asked, errors]).toEqual([[], []]);
  });

  it('means no when its answer is empty, half a permit, or for somebody else', async () => {
    const answers: MessageInitShape<typeof guardV1.AuthorizeResponseSchema>[] = [
      {},
      { result: { case: 'permit', value: {} } },
      { result: { case: 'permit', value: { ...PERMIT, endBy: 'soon' } } },
      { result: { case: 'permit', value: { ...PERMIT, contactId: 'attempt-2' } } },
    ];
    for (const answer of answers) {
      const guard = await broken(answer);
      await expect(guard.authorize(ASKED)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    }
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { IntakeApi } from '@mora/contracts';
import { CommandRefused, createActivity, StoreUnavailable } from '@mora/eventing';
import { Wire } from '@mora/test-kit';
import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { keysV1 } from '../generated.js';
import { PERMIT } from '../ports.fixture.js';
import { ACTIVITY, INTAKE_API } from '../tokens.js';
import { KeysController } from './keys.controller.js';
import { intakeClient } from './keys.js';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i * 8);
const plain = (): IntakeApi => ({
  reveal: async (permit) => {
    if (permit.signature !== PERMIT.signature) throw new CommandRefused('PERMIT_INVALID', 'the permit does not hold');
    return '+8613800000001';
  },
  unwrap: async (debtorId) => (debtorId === 'erased' ? null : { keyId: 'key-7', key: Buffer.from(KEY) }),
  numberKey: async (debtorId, phoneRef) => (debtorId === 'erased' ? null : `hmac-of-${phoneRef}`),
});

@Controller()
class LyingKeys {
  @GrpcMethod('KeysService', 'Unwrap')
  async unwrap() {
    return { key: { keyId: 'key-7', key: KEY.slice(1) } };
  }
  @GrpcMethod('KeysService', 'Reveal')
  async reveal() {
    return { number: '' };
  }
  @GrpcMethod('KeysService', 'NumberKey')
  async numberKey() {
    return { key: '' };
  }
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.reverse()) await end();
  ending = [];
});
const remote = async (api: IntakeApi, deadlineMs = 2_000) => {
  const wire = await Wire.up({
    controllers: [KeysController],
    providers: [
      { provide: INTAKE_API, useValue: api },
      { provide: ACTIVITY, useValue: createActivity() },
    ],
    services: [keysV1.KeysService],
  });
  const intake = intakeClient(wire.address, { deadlineMs });
  ending.push(() => wire.stop(), intake.close);
  return { wire, intake };
};

describe.each([
  ['as an object', async (api: IntakeApi) => api],
  ['over gRPC', async (api: IntakeApi) => (await remote(api)).intake],
])('intake %s', (_, connect) => {
  it('reveals a number against a permit, and refuses without', async () => {
    const intake = await connect(plain());
    expect(await intake.reveal(PERMIT)).toBe('+8613800000001');
    await expect(intake.reveal({ ...PERMIT, signature: 'forged' })).rejects.toMatchObject({ code: 'PERMIT_INVALID' });
  });

  it('hands a key over byte for byte, and null when it is erased', async () => {
    const intake = await connect(plain());
    const found = await intake.unwrap('debtor-1');
    expect([found?.keyId, Uint8Array.from(found!.key)]).toEqual(['key-7', KEY]);
    expect(await intake.unwrap('erased')).toBeNull();
  });

  it('tells the key of a number, and null when there is none', async () => {
    const intake = await connect(plain());
    expect(await intake.numberKey('debtor-1', 'phone-ref-1')).toBe('hmac-of-phone-ref-1');
    expect(await intake.numberKey('erased', 'phone-ref-1')).toBeNull();
  });
});

describe('intake at another process', () => {
  it('is never taken for "erased" when it fails or does not answer', async () => {
    const { wire, intake } = await remote(
      {
        ...plain(),
        unwrap: async () => {
          throw new Error('KMS');
        },
        numberKey: () => new Promise(() => undefined),
      },
      400,
    );
    await expect(intake.unwrap('debtor-1')).rejects.toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    await expect(intake.numberKey('debtor-1', 'x')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await wire.stop();
    await expect(intake.unwrap('debtor-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is asked again while its store is away, and over a restart', async () => {
    let failures = 2;
    const { wire, intake } = await remote({
      ...plain(),
      unwrap: async () => {
        if (failures-- > 0) throw new StoreUnavailable('restarting');
        return { keyId: 'key-7', key: KEY };
      },
    });
    expect(await intake.unwrap('debtor-1')).toMatchObject({ keyId: 'key-7' });
    expect(failures).toBe(-1);
    await wire.stop();
    const number = intake.reveal(PERMIT);
    await wire.start();
    expect(await number).toBe('+8613800000001');
  });

  it('does not pass for intake when it answers a short key or an empty number', async () => {
    const wire = await Wire.up({ controllers: [LyingKeys], services: [keysV1.KeysService] });
    const intake = intakeClient(wire.address);
    ending.push(() => wire.stop(), intake.close);
    await expect(intake.unwrap('debtor-1')).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(intake.reveal(PERMIT)).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    await expect(intake.numberKey('debtor-1', 'x')).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

/** What other services may ask: keys, and a number against a permit. Fails closed. */
import type { IntakeApi, Permit } from '@mora/contracts';
import { CommandRefused, command, type ShardWriter } from '@mora/eventing';
import type { FieldKey } from '@mora/keys';
import { type Debtor, debtorRef } from '../debtor/debtor.js';
import type { Keyring } from '../keys/keyring.js';
import { numberKeyOf } from '../keys/names.js';
import { openNumber } from '../keys/sealed-debtor.js';
import type { Secrets } from '../keys/secrets.js';

export interface IntakeApiDeps {
  readonly writer: Pick<ShardWriter, 'execute'>;
  readonly keyring: Keyring;
  readonly secrets: Pick<Secrets, 'pepper'>;
  readonly verifyPermit: VerifyPermit;
  readonly wall: () => number;
}

/** @returns why the permit does not hold at this wall instant; null: it holds. */
export type VerifyPermit = (permit: Permit, wallAt: string) => string | null;

export const createIntakeApi = (deps: IntakeApiDeps): IntakeApi => {
  const debtorOf = async (debtorId: string): Promise<Debtor> => {
    const asked = command({ name: 'ask', subject: debtorId, streams: [debtorRef(debtorId)], decide: () => [] });
    return (await deps.writer.execute(asked)).states[0] as Debtor;
  };
  const numberOf = async (debtorId: string, phoneRef: string): Promise<string | null> => {
    const key: FieldKey | null = await deps.keyring.find(debtorId);
    if (!key) return null;
    const debtor = await debtorOf(debtorId);
    const phone = debtor.status === 'recorded' ? debtor.phones.find((p) => p.phoneRef === phoneRef) : undefined;
    return phone ? openNumber(debtorId, phone, key) : null;
  };
  return {
    reveal: async (permit) => {
      const wallAt = new Date(deps.wall()).toISOString();
      const problem = deps.verifyPermit(permit, wallAt);
      if (problem !== null) throw new CommandRefused('PERMIT_INVALID', `the permit does not hold: ${problem}`);
      if (!(wallAt <= permit.startNotAfter))
        throw new CommandRefused('PERMIT_INVALID', 'the permit does not hold: expired');
      const number = await numberOf(permit.debtorId, permit.phoneRef);
      if (number === null) throw new CommandRefused('NUMBER_UNKNOWN', 'the debtor has no such number');
      return number;
    },
    unwrap: (debtorId) => deps.keyring.find(debtorId),
    numberKey: async (debtorId, phoneRef) => {
      const number = await numberOf(debtorId, phoneRef);
      return number === null ? null : numberKeyOf(deps.secrets.pepper, number);
    },
  };
};

/** `keys.v1`: debtors' keys and numbers, which only intake holds. Every question may be repeated. */
import { type IntakeApi } from '@mora/contracts';
import { clientFor } from '../client.js';
import { keysV1 } from '../generated.js';
import { createCaller, MalformedAnswer, type PortClientOptions } from '../remote.js';

const KEY_BYTES = 32;

/** Asks intake at `host:port`. What is erased or unknown is null; a failure is never null, it is thrown. */
export const intakeClient = (address: string, options: PortClientOptions = {}): IntakeApi & { close(): void } => {
  const service = clientFor(keysV1.KeysService, address, options);
  const closed = new AbortController();
  const caller = createCaller(options, closed.signal);
  return {
    reveal: async (given) => {
      const { number } = await caller.repeated((per) => service.reveal({ permit: given }, per));
      if (number === '') throw new MalformedAnswer('number: it is empty');
      return number;
    },
    unwrap: async (debtorId) => {
      const { key } = await caller.repeated((per) => service.unwrap({ debtorId }, per));
      if (key === undefined) return null;
      if (key.keyId === '' || key.key.length !== KEY_BYTES) throw new MalformedAnswer('DataKey');
      return { keyId: key.keyId, key: Uint8Array.from(key.key) };
    },
    numberKey: async (debtorId, phoneRef) => {
      const { key } = await caller.repeated((per) => service.numberKey({ debtorId, phoneRef }, per));
      if (key === '') throw new MalformedAnswer('number key: it is empty');
      return key ?? null;
    },
    close: () => {
      closed.abort();
      service.close();
    },
  };
};

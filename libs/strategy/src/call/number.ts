import { businessDate, type LocalDate } from '@mora/business-time';
import type { Strategy } from '../package/schema.js';
import type { PastCall, PhoneState, RedialAdvice } from '../records.js';

/** A call that left: a trunk fault certainly did not. */
export const isAttempt = (call: PastCall): boolean => call.disposition !== 'trunk-fault';

/** An RPC in which the matter was named: who was in a hurry before that has heard nothing yet. */
export const isTalk = (call: PastCall): boolean =>
  call.rpc && (call.disposition !== 'busy-now' || call.matterNamed === true);

/**
 * The own number to dial: the last one called stays, unless the advice says "next own number"; doubtful ones only when
 * nothing better is left; unconfirmed, barred and invalid ones never. Null: no usable number.
 */
export const chooseNumber = (
  strategy: Strategy,
  input: {
    readonly phones: readonly PhoneState[];
    readonly calls: readonly PastCall[];
    readonly advice: RedialAdvice | null;
    readonly today: LocalDate;
  },
): { readonly phoneRef: string; readonly index: number; readonly capped: boolean } | null => {
  const zone = strategy.about.zone;
  const ordered = [...input.phones].sort((a, b) => a.order - b.order);
  const good = ordered.filter((phone) => phone.state === 'ok');
  const usable = good.length > 0 ? good : ordered.filter((phone) => phone.state === 'doubtful');
  if (usable.length === 0) return null;
  const lastRef = input.calls[input.calls.length - 1]?.phoneRef;
  const lastAt = ordered.findIndex((phone) => phone.phoneRef === lastRef);
  const moveOn = input.advice?.nextNumber === true && input.advice.phoneRef === lastRef;
  const ring =
    lastAt === -1
      ? usable
      : [
          ...usable.filter((phone) => ordered.indexOf(phone) >= lastAt),
          ...usable.filter((phone) => ordered.indexOf(phone) < lastAt),
        ];
  const rotated = moveOn && ring[0]?.phoneRef === lastRef ? [...ring.slice(1), ring[0]!] : ring;
  const used = (phone: PhoneState): number =>
    input.calls.filter(
      (call) =>
        call.phoneRef === phone.phoneRef && isAttempt(call) && businessDate(call.originatedAt, zone) === input.today,
    ).length;
  const free = rotated.find((phone) => used(phone) < strategy.caps.perDay.attemptsPerNumber);
  const chosen = free ?? rotated[0]!;
  return { phoneRef: chosen.phoneRef, index: ordered.indexOf(chosen), capped: free === undefined };
};

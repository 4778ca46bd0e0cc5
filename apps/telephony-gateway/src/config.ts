import type { Permit } from '@mora/contracts';
import type { FieldPlace } from '@mora/keys';
import type { CarrierRecord } from '@mora/simulation';

/** A debtor's data key. */
export interface DataKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/** Seals a text with a debtor's key. @returns the contract's ciphertext */
export type SealField = (key: DataKey, place: FieldPlace, text: string) => string;

/** @returns why the permit does not hold at this wall instant; null: it holds. */
export type VerifyPermit = (permit: Permit, wallAt: string) => string | null;

export interface GatewayConfig {
  readonly gatewayId: string;
  readonly trunk: string;
  /** The one official caller number. */
  readonly numberShown: string;
  readonly channels: number;
  readonly startsPerSecond: number;
  /** Names this start of the gateway in every leg. */
  readonly incarnation: string;
  readonly verifyPermit: VerifyPermit;
  /** Simulated carrier: the seed of its debtors, and its own log. */
  readonly simulated: {
    readonly seed: number | string;
    readonly logPath: string;
    /** Hears each record of that log: the simulated bank and debtors live by it. */
    readonly onRecord?: (record: CarrierRecord) => void;
  };
}

export const DEFAULT_CHANNELS = 65;
export const DEFAULT_STARTS_PER_SECOND = 5;

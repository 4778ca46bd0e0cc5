import { type DestinationList, destinationList, REACHABLE_BY_CALL } from '@mora/contact-rules';
import {
  type FieldPlace,
  permitPublicKeyOfBytes,
  permitVerifier,
  seededPermitPublicKey,
  type VerifyPermit,
} from '@mora/keys';
import { bytes, type Ground, integer, oneOf, text } from '@mora/service';
import type { CarrierRecord } from '@mora/simulation';

/** A debtor's data key. */
export interface DataKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/** Seals a text with a debtor's key. @returns the contract's ciphertext */
export type SealField = (key: DataKey, place: FieldPlace, text: string) => string;

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
  /** Where calls may lead, whatever a permit says. Default: {@link REACHABLE_BY_CALL}. */
  readonly destinations?: DestinationList;
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

/** Injection token of {@link GatewayConfig}. */
export const GATEWAY_CONFIG = Symbol('GatewayConfig');
/** Injection token of {@link SealField}. */
export const SEAL_FIELD = Symbol('SealField');

export const settings = {
  telephonyAdapter: oneOf(['simulated'], 'simulated'),
  gatewayId: text('gateway-1'),
  trunk: text('simulated-1'),
  numberShown: text('+999400000000'),
  channels: integer({ min: 1, max: 10_000 }, DEFAULT_CHANNELS),
  startsPerSecond: integer({ min: 1, max: 1_000 }, DEFAULT_STARTS_PER_SECOND),
  destinations: text(REACHABLE_BY_CALL),
  carrierLog: text('carrier.ndjson'),
};
export const secrets = { permitPublicKey: bytes(32) };

export const gatewayConfig = (ground: Ground<typeof settings, typeof secrets>): GatewayConfig => {
  const { gatewayId, trunk, numberShown, channels, startsPerSecond, carrierLog } = ground.config;
  const key = ground.secret(seededPermitPublicKey, (given) => permitPublicKeyOfBytes(given.permitPublicKey));
  return {
    gatewayId,
    trunk,
    numberShown,
    channels,
    startsPerSecond,
    incarnation: ground.incarnation,
    verifyPermit: permitVerifier(key),
    destinations: destinationList(ground.config.destinations),
    simulated: { seed: ground.process.seed!, logPath: carrierLog },
  };
};

import { type DestinationList, destinationList, REACHABLE_BY_SMS } from '@mora/contact-rules';
import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, type Ground, oneOf, text } from '@mora/service';
import type { SmscRecord } from '@mora/simulation';
import type { ChanceSource } from '@mora/strategy';

export interface SmsTriggerConfig {
  readonly chance: ChanceSource;
  readonly bankName: string;
  /** The bank's official service number, as it is read. */
  readonly hotline: string;
  /** Number or name that the SMS shows as its sender. */
  readonly sender: string;
  /** Named in permits. */
  readonly gatewayId: string;
  /** Where SMS may lead, whatever a permit says. Default: {@link REACHABLE_BY_SMS}. */
  readonly destinations?: DestinationList;
  /** Simulated SMSC: the seed of its debtors, and its own log. */
  readonly simulated: {
    readonly seed: number | string;
    readonly logPath: string;
    /** Hears each record of that log: the simulated bank and debtors live by it. */
    readonly onRecord?: (record: SmscRecord) => void;
  };
}

/** Injection token of {@link SmsTriggerConfig}. */
export const SMS_CONFIG = Symbol('SmsTriggerConfig');

export const settings = {
  smsAdapter: oneOf(['simulated'], 'simulated'),
  bankName: text(),
  bankHotline: text(),
  smsSender: text('999400'),
  smscId: text('smsc-1'),
  smsDestinations: text(REACHABLE_BY_SMS),
  smscLog: text('smsc.ndjson'),
};
export const secrets = { chanceSalt: bytes(32) };

export const smsConfig = ({ config, process, secret }: Ground<typeof settings, typeof secrets>): SmsTriggerConfig => ({
  chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)),
  bankName: config.bankName,
  hotline: config.bankHotline,
  sender: config.smsSender,
  gatewayId: config.smscId,
  destinations: destinationList(config.smsDestinations),
  simulated: { seed: process.seed!, logPath: config.smscLog },
});

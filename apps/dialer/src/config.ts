import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, type Ground, text } from '@mora/service';
import type { ChanceSource } from '@mora/strategy';

export interface DialerConfig {
  /** How the robot names the bank, and the number it gives for questions. */
  readonly bank: { readonly name: string; readonly hotline: string | null };
  readonly gatewayId: string;
  /** The installation's salt for seeded chance. */
  readonly chance: ChanceSource;
  /** Zone of plans while no strategy is known. */
  readonly zone: string;
}

/** Injection token of {@link DialerConfig}. */
export const DIALER_CONFIG = Symbol('DialerConfig');

export const settings = {
  bankName: text(),
  bankHotline: text(),
  gatewayId: text('gateway-1'),
  businessZone: text('Asia/Shanghai'),
};
export const secrets = { chanceSalt: bytes(32) };

export const dialerConfig = ({ config, secret }: Ground<typeof settings, typeof secrets>): DialerConfig => ({
  bank: { name: config.bankName, hotline: config.bankHotline },
  gatewayId: config.gatewayId,
  chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)),
  zone: config.businessZone,
});

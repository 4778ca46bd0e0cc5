import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, type Ground, text } from '@mora/service';
import type { ChanceSource } from '@mora/strategy';

export interface TieringConfig {
  readonly chance: ChanceSource;
  /** Folder of a strategy that is published, and activated where none is in force yet, once the service works; null: none. */
  readonly strategy: string | null;
}

/** Injection token of {@link TieringConfig}. */
export const TIERING_CONFIG = Symbol('TieringConfig');

export const settings = { strategy: text('') };
export const secrets = { chanceSalt: bytes(32) };

export const tieringConfig = ({ config, secret }: Ground<typeof settings, typeof secrets>): TieringConfig => ({
  chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)),
  strategy: config.strategy === '' ? null : config.strategy,
});

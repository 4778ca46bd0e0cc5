import type { ChanceSource, Strategy } from '@mora/strategy';

export interface DialerConfig {
  /** How the robot names the bank, and the number it gives for questions. */
  readonly bank: { readonly name: string; readonly hotline: string | null };
  readonly gatewayId: string;
  /** The installation's salt for seeded chance. */
  readonly chance: ChanceSource;
  /** Zone of plans while no strategy is known. */
  readonly zone: string;
  /** A published strategy by its hash; undefined: its content has not come yet, the decision waits. */
  readonly strategyOf: (hash: string) => Strategy | undefined;
}

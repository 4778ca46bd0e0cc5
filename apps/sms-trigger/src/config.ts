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
  /** Simulated SMSC: the seed of its debtors, and its own log. */
  readonly simulated: {
    readonly seed: number | string;
    readonly logPath: string;
    /** Hears each record of that log: the simulated bank and debtors live by it. */
    readonly onRecord?: (record: SmscRecord) => void;
  };
}

import type { Provenance } from '@mora/contracts';
import type { Problem, RawRecord } from '../bank-record/record.js';

export type Channel = Provenance['channel'];

/** A record at the door. */
export interface Inbound {
  readonly channel: Channel;
  readonly raw: RawRecord;
  /** W3C Trace Context that the bank gave with it. */
  readonly traceparent?: string | null;
  /** A person confirmed its identifiers as they are. */
  readonly asIs?: boolean;
  /** It could not even be read as a record. */
  readonly broken?: readonly Problem[];
}

/**
 * What became of a record. `superseded`: taken, but older than what was known. `duplicate`: the same fact was taken before.
 */
export type Outcome =
  | { readonly result: 'accepted' | 'superseded'; readonly debtorId: string | null; readonly caseId: string | null }
  | { readonly result: 'duplicate' }
  | { readonly result: 'parked'; readonly parkedId: string | null; readonly problems: readonly Problem[] };

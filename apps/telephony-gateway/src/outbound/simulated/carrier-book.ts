import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CarrierRecord, LogFile, streamLog } from '@mora/simulation';
import type { GatewayConfig } from '../../config.js';
import type { MadeCall } from '../carrier.js';

/** What a simulated carrier itself remembers. */
export interface CarrierBook {
  /** Its own log: written before or at each action. */
  readonly log: { append(record: CarrierRecord): void; close(): void };
  /** Real originations of each debtor so far, as that log tells. */
  readonly ordinals: Map<string, number>;
  /** Calls so far, oldest first. */
  made(): Iterable<MadeCall>;
}

/** Called when the carrier opens and not before: a replica that stands by must leave the log to the one that works. */
export type OpenCarrierBook = () => Promise<CarrierBook>;

/** Injection token of {@link OpenCarrierBook}. */
export const CARRIER_BOOK = Symbol('OpenCarrierBook');

/** Real originations of each debtor, counted from the carrier's own log; a torn last line is left out. */
const ordinalsOf = async (path: string): Promise<Map<string, number>> => {
  const ordinals = new Map<string, number>();
  if (!existsSync(path)) return ordinals;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    if (!line.includes('"kind":"invite"') || !line.endsWith('}')) continue;
    const { debtorId, ordinal } = JSON.parse(line) as CarrierRecord;
    ordinals.set(debtorId, Math.max(ordinals.get(debtorId) ?? 0, ordinal ?? 0));
  }
  return ordinals;
};

/** The log of a simulated carrier as its memory. */
export const carrierBook =
  ({ logPath, onRecord }: Omit<GatewayConfig['simulated'], 'seed'>): OpenCarrierBook =>
  async () => ({
    ordinals: await ordinalsOf(logPath),
    log: new LogFile<CarrierRecord>(logPath, onRecord),
    made: () => callsIn(streamLog<CarrierRecord>(logPath)),
  });

/** A call whose end is not in the log may have been answered. */
const callsIn = (records: Iterable<CarrierRecord>): Iterable<MadeCall> => {
  const calls = new Map<string, MadeCall>();
  for (const { kind, attemptId, debtorId, businessAt } of records) {
    const known = calls.get(attemptId);
    if (kind === 'invite') calls.set(attemptId, { attemptId, debtorId, inviteAt: businessAt, answered: null });
    else if (known && kind === 'answer') calls.set(attemptId, { ...known, answered: true });
    else if (known && kind === 'end') calls.set(attemptId, { ...known, answered: known.answered ?? false });
  }
  return calls.values();
};

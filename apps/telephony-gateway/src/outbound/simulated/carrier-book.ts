import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CarrierRecord, LogFile } from '@mora/simulation';
import type { CarrierBook } from './simulated-carrier.js';

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
  (at: { readonly logPath: string; readonly onRecord?: (record: CarrierRecord) => void }) =>
  async (): Promise<CarrierBook> => ({
    ordinals: await ordinalsOf(at.logPath),
    log: new LogFile<CarrierRecord>(at.logPath, at.onRecord),
  });

import type { Inbound } from '../outcome.js';
import { readBankEvent, shown } from './bank-event.js';
import { UNREADABLE_HEADER } from './codecs.js';
import type { FetchedRecord } from './committed.js';
import type { PartitionId } from './offsets.js';

/** Records of one partition at intake's door; a record set that could not be unpacked becomes one bad record. */
export const inboundOf = ({ topic, partition }: PartitionId, records: readonly FetchedRecord[]): readonly Inbound[] => {
  const inputs: Inbound[] = [];
  let unreadable = '';
  records.forEach((record, i) => {
    const { key, value, headers = {} } = record;
    const channel = { kind: 'kafka', name: `${topic}/${partition}`, offset: Number(record.offset) } as const;
    const why = Object.hasOwn(headers, UNREADABLE_HEADER) ? headers[UNREADABLE_HEADER] : undefined;
    if (why === undefined) {
      const event = readBankEvent({ key, value, headers });
      const { raw } = event;
      inputs.push(
        event.ok ? { channel, raw, traceparent: event.traceparent } : { channel, raw, broken: event.problems },
      );
      return;
    }
    const set = record.batchContext.firstOffset;
    if (set === unreadable) return;
    unreadable = set;
    const count = records.slice(i).filter((other) => other.batchContext.firstOffset === set).length;
    const reason = `of ${count} records cannot be read: ${why instanceof Uint8Array ? shown(why) : 'unknown'}`;
    // Its place is the set's, also when reading goes on in its middle: else it is parked twice.
    const place = { ...channel, offset: Number(set) };
    inputs.push({ channel: place, raw: { row: '' }, broken: [{ field: 'record set', reason, value: '' }] });
  });
  return inputs;
};

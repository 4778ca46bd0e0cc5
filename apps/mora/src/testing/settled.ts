/** What must hold of the stores and logs after any run, however often it was interrupted. */
import type { Product, StoredEvent } from './product.js';

const repeated = (ids: readonly string[]): readonly string[] => ids.filter((id, i) => ids.indexOf(id) !== i);

const idsOf = (events: readonly StoredEvent[], types: readonly string[], field: string): readonly string[] =>
  events.filter(({ type }) => types.includes(type)).map(({ data }) => String(data[field]));

/** Ids that were begun and have not exactly one end. */
const unsettled = (
  events: readonly StoredEvent[],
  field: string,
  begin: string,
  ends: readonly string[],
): readonly string[] => {
  const ended = idsOf(events, ends, field);
  return [...new Set(idsOf(events, [begin], field))].filter((id) => ended.filter((e) => e === id).length !== 1);
};

export interface Unsettled {
  readonly invitedTwice: readonly string[];
  readonly submittedTwice: readonly string[];
  readonly openCalls: readonly string[];
  readonly openLegs: readonly string[];
  /** The carrier took them, the product has no leg. */
  readonly unknownCalls: readonly string[];
  readonly parkedEvents: number;
  readonly parkedRecords: number;
}

export const NOTHING_UNSETTLED: Unsettled = {
  invitedTwice: [],
  submittedTwice: [],
  openCalls: [],
  openLegs: [],
  unknownCalls: [],
  parkedEvents: 0,
  parkedRecords: 0,
};

const SERVICES = [
  'debtor_intake',
  'risk_tiering',
  'scoring',
  'contact_guard',
  'dialer',
  'telephony_gateway',
  'sms_trigger',
];

export const unsettledOf = async (product: Product): Promise<Unsettled> => {
  const events = await product.stored('dialer', 'telephony_gateway');
  const invited = product.invites().map(({ attemptId }) => attemptId);
  const submitted = product.smsc().flatMap(({ kind, smsId }) => (kind === 'submit' ? [smsId] : []));
  const accepted = new Set(idsOf(events, ['LegAccepted'], 'attemptId'));
  return {
    invitedTwice: repeated(invited),
    submittedTwice: repeated(submitted),
    openCalls: unsettled(events, 'attemptId', 'CallIntended', ['CallEnded', 'CallWithdrawn', 'CallDeniedByGuard']),
    openLegs: unsettled(events, 'attemptId', 'LegAccepted', ['LegEnded', 'LegLost', 'LegRefused']),
    unknownCalls: invited.filter((id) => !accepted.has(id)),
    parkedEvents: await product.sql(async (client) => {
      let count = 0;
      for (const service of SERVICES)
        count += Number((await client.query(`select count(*) from mora_${service}.parked_events`)).rows[0].count);
      return count;
    }),
    parkedRecords: (await product.json<{ readonly total: number }>('parked', 'list')).total,
  };
};

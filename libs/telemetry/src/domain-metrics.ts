/** What an event of ours adds to the domain's metrics. Pure; every value that becomes a label is an enum or a name of ours. */
import type {
  DialerEvent,
  EventEnvelope,
  GuardEvent,
  IntakeEvent,
  SmsEvent,
  TelephonyEvent,
  TieringEvent,
} from '@mora/contracts';
import type { Sample } from './catalogue.js';

type Known = DialerEvent | GuardEvent | IntakeEvent | SmsEvent | TelephonyEvent | TieringEvent;
type Meanings = {
  readonly [T in Known['type']]?: (data: Extract<Known, { readonly type: T }>['data']) => readonly Sample[];
};

const one = (metric: Sample['metric'], labels: Sample['labels'] = {}): readonly Sample[] => [
  { metric, value: 1, labels },
];
const settled = (result: string) => () => one('mora_promises_settled_total', { result });
const smsResult = (result: string) => () => one('mora_sms_results_total', { result });

const MEANINGS: Meanings = {
  CaseOpened: () => one('mora_cases_opened_total'),
  CaseCured: () => one('mora_cases_cured_total'),
  ContactPermitted: ({ channel }) => one('mora_contacts_permitted_total', { channel }),
  ContactDenied: ({ channel, verdict }) =>
    verdict.deniedBy.flatMap((rule) => one('mora_contacts_denied_total', { channel, rule })),
  PermitRevoked: ({ channel }) => one('mora_permits_revoked_total', { channel }),
  StopPlaced: ({ kind }) => one('mora_stops_placed_total', { kind }),
  ContactsHalted: () => one('mora_halts_total'),
  CallIntended: () => one('mora_calls_intended_total'),
  CallOriginated: ({ trunk }) => one('mora_calls_originated_total', { trunk }),
  CallEnded: ({ disposition, connected, rightParty }) => [
    ...one('mora_calls_ended_total', { disposition, connected }),
    ...(rightParty ? one('mora_right_party_contacts_total') : []),
  ],
  LegLost: () => one('mora_legs_lost_total'),
  TurnTaken: ({ turn }) =>
    Object.entries(turn.latencyMs).map(([stage, value]) => ({
      metric: 'mora_turn_latency_ms',
      value,
      labels: { stage },
    })),
  SmsSubmitted: ({ trigger }) => one('mora_sms_submitted_total', { trigger }),
  SmsDelivered: smsResult('delivered'),
  SmsUndelivered: smsResult('undelivered'),
  SmsReceiptRefused: ({ why }) => one('mora_sms_receipts_refused_total', { why }),
  SmsRejected: smsResult('rejected'),
  SmsUnknown: smsResult('unknown'),
  PromiseMade: () => one('mora_promises_made_total'),
  PromiseKept: settled('kept'),
  PromisePartlyKept: settled('partly kept'),
  PromiseBroken: settled('broken'),
  PromiseVoided: settled('void'),
  HandedOver: ({ queue }) => one('mora_hand_overs_total', { queue }),
};

/** Written once in every shard, in one transaction: counted in the first. */
const IN_EVERY_SHARD: readonly string[] = ['ContactsHalted'];

/** Events of other versions may lack what a metric needs: then they add nothing but themselves. */
export const samplesOf = (event: EventEnvelope): readonly Sample[] => {
  const { source, type, data, shard } = event;
  const own: Sample = { metric: 'mora_events_appended_total', value: 1, labels: { source, type } };
  if (IN_EVERY_SHARD.includes(type) && shard !== 0) return [own];
  const meaning = MEANINGS[type as Known['type']] as ((data: unknown) => readonly Sample[]) | undefined;
  try {
    return [own, ...(meaning?.(data) ?? [])];
  } catch {
    return [own];
  }
};

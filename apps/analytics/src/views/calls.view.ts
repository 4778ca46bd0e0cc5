/** One row per attempt, from the intent to the outcome, with the verdict it had. */
import type { Columns, RowOf } from '../projection/view.js';
import { contextColumns, contextOf, defineView, emptyRow, isSimulated } from './define.js';

const columns = {
  attempt_id: 'text',
  debtor_id: 'text',
  // dialer
  ...contextColumns,
  simulated: 'bool',
  status: 'text',
  reason: 'text',
  script: 'text',
  voice: 'text',
  priority: 'int',
  intended_at: 'text',
  originated_at: 'text',
  originated_day: 'text',
  ended_at: 'text',
  ended_day: 'text',
  trunk: 'text',
  disposition: 'text',
  connected: 'text',
  conversation: 'bool',
  rpc: 'bool',
  rpc_by: 'text',
  talk_ms: 'int',
  settled_by: 'text',
  sip_code: 'int',
  hung_up_by: 'text',
  amd: 'text',
  label: 'text',
  dialogue_end: 'text',
  understood_turns: 'int',
  unclear_turns: 'int',
  personalised: 'bool',
  because: 'text',
  // telephony
  leg_status: 'text',
  answered_at: 'text',
  // guard
  verdict: 'text',
  denied_by: 'text',
} as const satisfies Columns;
export type CallRow = RowOf<typeof columns>;

type CallRef = { readonly attemptId: string; readonly debtorId: string };
const byAttempt = (data: CallRef) => [[data.attemptId]];
const ref = (data: CallRef) => ({ attempt_id: data.attemptId, debtor_id: data.debtorId });
const leg =
  (status: string) =>
  (row: CallRow, data: CallRef): CallRow => ({ ...row, ...ref(data), leg_status: status });
const ifCall = (data: { readonly channel: string; readonly contactId: string }) =>
  data.channel === 'call' ? [[data.contactId]] : [];

export const callsView = defineView({
  name: 'calls',
  version: 2,
  columns,
  key: ['attempt_id'],
  indexes: ['originated_day', 'ended_day', 'debtor_id', 'case_id'],
  empty: emptyRow(columns, ['attempt_id']),
  on: {
    'dialer.CallIntended': {
      keys: byAttempt,
      evolve: (row, data, { event, at }) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        simulated: isSimulated(event),
        status: 'intended',
        reason: data.reason,
        script: data.script,
        voice: data.voice,
        priority: data.priority,
        intended_at: at,
      }),
    },
    'dialer.CallDeniedByGuard': {
      keys: byAttempt,
      evolve: (row, data) => ({ ...row, ...ref(data), ...contextOf(data.context), status: 'denied' }),
    },
    'dialer.CallWithdrawn': {
      keys: byAttempt,
      evolve: (row, data) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        status: 'withdrawn',
        because: data.because,
      }),
    },
    'dialer.CallOriginated': {
      keys: byAttempt,
      evolve: (row, data, { at, place }) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        status: 'originated',
        originated_at: data.originatedAt,
        originated_day: place.day(at),
        trunk: data.trunk,
      }),
    },
    'dialer.CallEnded': {
      keys: byAttempt,
      evolve: (row, data, { at, place }) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        status: 'ended',
        script: data.script,
        voice: data.voice,
        ended_at: data.endedAt,
        ended_day: place.day(at),
        disposition: data.disposition,
        connected: data.connected,
        conversation: data.conversation,
        rpc: data.rightParty,
        rpc_by: data.rightPartyBy,
        talk_ms: data.talkMs,
        settled_by: data.settledBy,
        sip_code: data.outcome?.sipCode ?? null,
        hung_up_by: data.outcome?.hungUpBy ?? null,
        amd: data.outcome?.amd?.result ?? null,
        label: data.dialogue?.label ?? null,
        dialogue_end: data.dialogue?.end ?? null,
        understood_turns: data.dialogue?.understoodTurns ?? null,
        unclear_turns: data.dialogue?.unclearTurns ?? null,
        personalised: data.dialogue?.personalised ?? null,
      }),
    },
    'telephony.LegAccepted': { keys: byAttempt, evolve: leg('accepted') },
    'telephony.LegAnswered': {
      keys: byAttempt,
      evolve: (row, data) => ({ ...leg('answered')(row, data), answered_at: data.answeredAt }),
    },
    'telephony.LegEnded': { keys: byAttempt, evolve: leg('ended') },
    'telephony.LegLost': { keys: byAttempt, evolve: leg('lost') },
    'telephony.LegRefused': { keys: byAttempt, evolve: leg('refused') },
    'guard.ContactPermitted': {
      keys: ifCall,
      evolve: (row, data) => ({ ...row, debtor_id: data.debtorId, verdict: 'allowed' }),
    },
    'guard.ContactDenied': {
      keys: ifCall,
      evolve: (row, data) => ({
        ...row,
        debtor_id: data.debtorId,
        verdict: 'denied',
        denied_by: data.verdict.deniedBy.join(' '),
      }),
    },
  },
});

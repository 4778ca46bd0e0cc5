import type { IntakeEvent, StopKind } from '@mora/contracts';
import type { Command } from '@mora/eventing';
import { contactsCommand } from '../contacts/commands.js';
import {
  type AccountUpdate,
  endOfFlag,
  type NewStop,
  noteAccount,
  noteDebtor,
  noteSharing,
} from '../contacts/decisions.js';
import { gateCommand, notePostings } from '../gate/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

type CaseData = Extract<IntakeEvent, { readonly type: 'CaseOpened' }>['data'];
type Flag = CaseData['facts']['flags'][number];

const STOP_OF_FLAG: Readonly<Record<Flag['kind'], { readonly kind: StopKind; readonly scope: 'account' | 'debtor' }>> =
  {
    dispute: { kind: 'disputed', scope: 'account' },
    plan: { kind: 'plan', scope: 'account' },
    complaint: { kind: 'complaint', scope: 'debtor' },
    hardship: { kind: 'hardship', scope: 'debtor' },
    deceased: { kind: 'deceased', scope: 'debtor' },
    incapable: { kind: 'incapable', scope: 'debtor' },
    barred: { kind: 'barred', scope: 'debtor' },
    legal: { kind: 'legal', scope: 'account' },
    represented: { kind: 'represented', scope: 'account' },
    disaster: { kind: 'disaster', scope: 'debtor' },
  };

const stopOfFlag =
  (accountId: string, zone: string) =>
  ({ kind, until }: Flag): NewStop => ({
    ...STOP_OF_FLAG[kind],
    accountId,
    channels: ['call', 'sms'],
    until: endOfFlag(until, zone),
    source: `bank:${accountId}`,
  });

const onAccount = (name: string, debtorId: string, update: AccountUpdate): Command =>
  contactsCommand(name, debtorId, (state, fact) => noteAccount(update, fact, state));

interface CaseRef {
  readonly caseId: string;
  readonly accountId: string;
  readonly debtorId: string;
}

const refOf = ({ caseId, accountId }: CaseRef) => ({ caseId, accountId });

const recordOf = (
  { accountId, facts, unsaid, provenance }: CaseData,
  zone: string,
): NonNullable<AccountUpdate['record']> => ({
  businessDate: provenance.businessDate,
  agencyNotice: (unsaid ?? []).includes('agency_notice') ? undefined : facts.agencyNotice,
  stops: facts.flags.map(stopOfFlag(accountId, zone)),
  flagsSaid: !(unsaid ?? []).includes('flags'),
});

/** @param zone in which the bank's dates end */
export const onIntake = (zone: string): ReactionsTo<IntakeEvent> => ({
  DebtorRecorded: ({ data }) => {
    const { debtorId, timeZone, timeZoneBasis, agreedWindows, phones } = data;
    const destinations = Object.fromEntries(
      phones.flatMap(({ phoneRef, destination }) => (destination ? [[phoneRef, destination]] : [])),
    );
    return contactsCommand('NoteDebtor', debtorId, (state) =>
      noteDebtor({ timeZone, timeZoneBasis, agreedWindows, destinations }, state),
    );
  },
  NumberShared: ({ data: { debtorId, phoneRef, debtors } }) =>
    contactsCommand('NoteSharing', debtorId, (state) => noteSharing(phoneRef, debtors, state)),
  CaseOpened: ({ data }) =>
    onAccount('NoteCaseOpened', data.debtorId, {
      ...refOf(data),
      opens: true,
      unpaidMinimum: data.unpaidMinimum,
      record: recordOf(data, zone),
    }),
  AccountReported: ({ data }) =>
    onAccount('NoteAccountReported', data.debtorId, {
      ...refOf(data),
      unpaidMinimum: data.unpaidMinimum,
      record: recordOf(data, zone),
    }),
  PaymentPosted: ({ data }) =>
    onAccount('NotePayment', data.debtorId, { ...refOf(data), unpaidMinimum: data.unpaidMinimum }),
  PaymentReversed: ({ data }) =>
    onAccount('NotePaymentReversed', data.debtorId, { ...refOf(data), unpaidMinimum: data.unpaidMinimum }),
  CaseCured: ({ data }) =>
    onAccount('NoteCure', data.debtorId, { ...refOf(data), status: 'cured', unpaidMinimum: data.unpaidMinimum }),
  WithinTolerance: ({ data }) =>
    onAccount('NoteTolerance', data.debtorId, {
      ...refOf(data),
      status: 'tolerance',
      unpaidMinimum: data.unpaidMinimum,
      tolerance: data.tolerance,
    }),
  CaseReopened: ({ data }) =>
    onAccount('NoteCaseReopened', data.debtorId, {
      ...refOf(data),
      status: 'open',
      unpaidMinimum: data.unpaidMinimum,
    }),
  CaseClosed: ({ data }) =>
    onAccount('NoteCaseClosed', data.debtorId, {
      ...refOf(data),
      status: 'closed',
      withdrawn: data.reason === 'withdrawn',
    }),
  PaymentsPostedThrough: ({ data, shard }) =>
    gateCommand('NotePostings', shard, (gate, fact) => notePostings(data.asOf, fact, gate)),
});

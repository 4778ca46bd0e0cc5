/** The debtor as the bank knows him: one key, one content. Everything personal in the content is sealed. */
import { createHash } from 'node:crypto';
import { plusMinutes } from '@mora/business-time';
import type { DeepReadonly, EventOf, intakeEvents, NewEvent } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef, snapToTick } from '@mora/eventing';
import type { DebtorRow } from '../outbound/intake-tables.js';
import {
  greater,
  isOver,
  newerThan,
  type Saying,
  type Speaker,
  type Spoken,
  sayingsOf,
  spokenBy,
  spokenOf,
  without,
} from './spoken.js';

type Schemas = (typeof intakeEvents)['schemas'];
type Published = EventOf<Pick<Schemas, 'DebtorRecorded' | 'NumberShared'>>;
export type DebtorRecorded = Extract<Published, { readonly type: 'DebtorRecorded' }>['data'];
export type NumberShared = Extract<Published, { readonly type: 'NumberShared' }>['data'];
type Recorded = Extract<Published, { readonly type: 'DebtorRecorded' }>;
type OwnPhone = DeepReadonly<DebtorRecorded>['phones'][number];

// Private events of this stream (persisted names).
/** Numbers that he took or left: the other debtors who have them are to be told. */
export type NumbersMoved = NewEvent<'NumbersMoved', { readonly phones: readonly OwnPhone[] }>;
/** They could not be told yet; tried again later. */
export type NumbersDeferred = NewEvent<'NumbersDeferred', Readonly<Record<string, never>>>;
export type NumbersTold = NewEvent<'NumbersTold', { readonly phoneRefs: readonly string[] }>;
/** An account of his beside the one with which he was recorded. */
export type AccountJoined = NewEvent<'AccountJoined', { readonly accountId: string }>;
/** The bank corrected whose it is. */
export type AccountLeft = NewEvent<'AccountLeft', { readonly accountId: string }>;
export type DebtorEvent = Published | NumbersMoved | NumbersDeferred | NumbersTold | AccountJoined | AccountLeft;

export type Content = Omit<
  DeepReadonly<DebtorRecorded>,
  'debtorId' | 'contentHash' | 'said' | 'repeated' | 'accountId' | 'provenance'
>;

export type Debtor =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'recorded';
      readonly keyId: string;
      readonly contentHash: string;
      readonly content: Content;
      /** As far as events tell; what was only said again is in the {@link DebtorRow}. */
      readonly saidBy: Spoken;
      /** Debtors of his numbers, by phoneRef; absent: he alone. */
      readonly shared: Readonly<Record<string, number>>;
      /** Numbers whose other debtors are still to be told. */
      readonly untold: readonly OwnPhone[];
      readonly tellAt: string | null;
      /** His, whatever became of their cases. */
      readonly accounts: readonly string[];
    };
type KnownDebtor = Exclude<Debtor, { status: 'unknown' }>;

/** Parts of the content by the field of the file format that says them. */
const PARTS = {
  name: ['name', 'nameHash'],
  surname: ['surname', 'surnameHash'],
  salutation: ['salutation'],
  language: ['language'],
  time_zone: ['timeZone', 'timeZoneBasis'],
  phones: ['phones'],
  agreed_windows: ['agreedWindows'],
  consents: ['consents'],
} as const satisfies Readonly<Record<string, readonly (keyof Content)[]>>;
type Field = keyof typeof PARTS;
const FIELDS = Object.keys(PARTS) as readonly Field[];

const speakerOf = ({ provenance: { businessDate, bankSequence }, accountId = '' }: DebtorRecorded): Speaker => ({
  businessDate,
  bankSequence,
  accountId,
});

const contentOf = (data: DebtorRecorded): Content => {
  const {
    debtorId: _,
    contentHash: __,
    said: ___,
    repeated: ____,
    accountId: _____,
    provenance: ______,
    ...content
  } = data;
  return content;
};

/** Persisted: a debtor keeps it until the others who have his numbers are told. */
export const NUMBERS_TIMER = 'numbers';
const TELL_AGAIN_MINUTES = 10;

const afterRecord = (state: Debtor, data: DebtorRecorded): KnownDebtor => {
  const said = { ...spokenOf(data.repeated ?? []), ...spokenBy(speakerOf(data), data.said ?? FIELDS) };
  const before =
    state.status === 'recorded' ? state : { saidBy: {}, shared: {}, untold: [], tellAt: null, accounts: [] };
  return {
    status: 'recorded',
    keyId: data.name.split(':')[2] ?? '',
    contentHash: data.contentHash ?? '',
    content: contentOf(data),
    saidBy: { ...before.saidBy, ...said },
    shared: before.shared,
    untold: before.untold,
    tellAt: before.tellAt,
    accounts: data.accountId === undefined ? before.accounts : withAccount(before.accounts, data.accountId),
  };
};

const withAccount = (accounts: readonly string[], accountId: string): readonly string[] =>
  accounts.includes(accountId) ? accounts : [...accounts, accountId];

const evolve = (state: Debtor, event: DebtorEvent, at: string): Debtor => {
  if (event.type === 'DebtorRecorded') return afterRecord(state, event.data);
  if (state.status === 'unknown') return state;
  const tellAt = plusMinutes(at, TELL_AGAIN_MINUTES);
  switch (event.type) {
    case 'NumberShared':
      return { ...state, shared: { ...state.shared, [event.data.phoneRef]: event.data.debtors } };
    case 'NumbersMoved':
      return { ...state, untold: [...state.untold, ...event.data.phones], tellAt };
    case 'NumbersDeferred':
      return { ...state, tellAt };
    case 'NumbersTold': {
      const untold = state.untold.filter(({ phoneRef }) => !event.data.phoneRefs.includes(phoneRef));
      return { ...state, untold, tellAt: untold.length === 0 ? null : state.tellAt };
    }
    case 'AccountJoined':
      return { ...state, accounts: withAccount(state.accounts, event.data.accountId) };
    case 'AccountLeft':
      return { ...state, accounts: state.accounts.filter((one) => one !== event.data.accountId) };
    default: {
      const never: never = event;
      return never;
    }
  }
};

export const debtors: Aggregate<Debtor, DebtorEvent> = {
  category: 'debtor',
  foldVersion: 4,
  initial: { status: 'unknown' },
  evolve,
  timersOf: (state) =>
    state.status === 'recorded' && state.tellAt !== null
      ? [{ name: NUMBERS_TIMER, dueAt: snapToTick(state.tellAt) }]
      : [],
};

export const debtorRef = (debtorId: string): StreamRef<Debtor, DebtorEvent> => ref(debtors, debtorId);

/** Ciphertexts differ at each sealing; what names a person is compared by its keyed hash, a number by its reference. */
const comparable = (content: Content, field: Field): unknown => {
  switch (field) {
    case 'name':
      return content.nameHash ?? content.name;
    case 'surname':
      return content.surnameHash ?? content.surname;
    case 'phones':
      return content.phones.map(({ phoneRef, kind, order, confirmedAt }) => [phoneRef, kind, order, confirmedAt]);
    default:
      return PARTS[field].map((part) => content[part]);
  }
};

const differs = (a: Content, b: Content, field: Field): boolean =>
  JSON.stringify(comparable(a, field)) !== JSON.stringify(comparable(b, field));

const hashOf = (content: Content): string =>
  createHash('sha256')
    .update(JSON.stringify(FIELDS.map((field) => comparable(content, field))))
    .digest('base64url');

/** Fields in which a record is news: said, by nobody before or by an older word, and otherwise than known. */
const newsIn = (state: KnownDebtor, known: Spoken, recorded: DebtorRecorded): readonly Field[] =>
  FIELDS.filter(
    (field) =>
      (recorded.said ?? FIELDS).includes(field) &&
      isOver(speakerOf(recorded), known[field]) &&
      differs(contentOf(recorded), state.content, field),
  );

const knownOf = (state: KnownDebtor, row: DebtorRow | undefined): Spoken =>
  greater(state.saidBy, spokenOf(row?.repeated ?? []));

/**
 * Only news are recorded, and what a record does not say stands as it was.
 * @param row who said again what is known; an event takes it along, since it decided
 */
export const recordDebtor = (
  state: Debtor,
  recorded: DebtorRecorded,
  row: DebtorRow | undefined,
): readonly Recorded[] => {
  if (state.status === 'unknown') {
    return [{ type: 'DebtorRecorded', data: { ...recorded, contentHash: hashOf(contentOf(recorded)) } }];
  }
  const known = knownOf(state, row);
  const said = newsIn(state, known, recorded);
  if (said.length === 0) return [];
  const fresh = contentOf(recorded);
  const parts = said.flatMap((field) => PARTS[field].map((part) => [part, fresh[part]] as const));
  const content = { ...state.content, ...Object.fromEntries(parts) } as DebtorRecorded;
  const again = greater(known, spokenBy(speakerOf(recorded), recorded.said ?? FIELDS));
  const repeated = sayingsOf(newerThan(state.saidBy, without(again, said)));
  const data = {
    ...recorded,
    ...content,
    said: [...said],
    ...(repeated.length === 0 ? {} : { repeated: mutable(repeated) }),
  };
  return [{ type: 'DebtorRecorded', data: { ...data, contentHash: hashOf(content) } }];
};

const mutable = (sayings: readonly Saying[]) => sayings.map(({ fields, ...by }) => ({ ...by, fields: [...fields] }));

/**
 * A record that is no news still says its fields: an older one that comes after it must find that.
 * @returns his row as it is from now on; null: it stays as it is
 */
export const noteRepeated = (
  state: Debtor,
  row: DebtorRow | undefined,
  { said, ...speaker }: Speaker & { readonly said: readonly string[] },
): DebtorRow | null => {
  if (state.status === 'unknown') return null;
  const known = knownOf(state, row);
  const again = newerThan(known, spokenBy(speaker, said));
  if (Object.keys(again).length === 0) return null;
  return { repeated: sayingsOf(newerThan(state.saidBy, { ...known, ...again })) };
};

/** Whether all that a record says is known of the debtor. */
export const holds = (state: Debtor, content: Content, said: readonly string[]): boolean =>
  state.status === 'recorded' &&
  FIELDS.every((field) => !said.includes(field) || !differs(content, state.content, field));

/** @param named what the account's own record says of him, in the same decision */
export const joinAccount = (state: Debtor, named: readonly Recorded[], accountId: string): readonly DebtorEvent[] =>
  named.length > 0 || (state.status === 'recorded' && state.accounts.includes(accountId))
    ? []
    : [{ type: 'AccountJoined', data: { accountId } }];

/**
 * His account is another customer's. With the last one the bank's word on his numbers goes too: they are that customer's.
 * @param provenance of the record that corrects it
 */
export const leaveAccount = (
  state: Debtor,
  accountId: string,
  of: Pick<DebtorRecorded, 'debtorId' | 'provenance'>,
): { readonly named: readonly Recorded[]; readonly left: readonly DebtorEvent[] } => {
  if (state.status === 'unknown' || !state.accounts.includes(accountId)) return { named: [], left: [] };
  const last = state.accounts.every((one) => one === accountId);
  const emptied = {
    ...structuredClone(state.content),
    ...of,
    accountId,
    said: ['phones'],
    phones: [],
  } as DebtorRecorded;
  return {
    named: last ? recordDebtor(state, emptied, undefined) : [],
    left: [{ type: 'AccountLeft', data: { accountId } }],
  };
};

export const DEBTOR_FIELDS: readonly string[] = FIELDS;

/**
 * All contacts of one debtor: what the guard knows of his accounts and stops, and a place in the counters for each permit.
 * Counters are per debtor, so another number, voice or channel does not reset them. What no rule's window can see any more
 * is pruned.
 */

import { HOUR_MS } from '@mora/business-time';
import type { AccountFacts, AgreedWindow, KnownReply, NumberBar, Place, Stop, UsedContact } from '@mora/contact-rules';
import type { Channel, Destination, GuardEvent, NewEvent, Tier, Verdict } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef, snapToTick, type Timer } from '@mora/eventing';

/** What the guard keeps of an account. */
export interface Account extends AccountFacts {
  readonly accountId: string;
  readonly tolerance: number | null;
  /** Its next bill took the place of the case, unpaid as it was. */
  readonly withdrawn?: boolean;
}

// Private events of this stream (persisted names).
export type AccountNoted = NewEvent<'AccountNoted', Account>;
export type DebtorNoted = NewEvent<
  'DebtorNoted',
  {
    readonly timeZone: string;
    readonly timeZoneBasis: 'bank' | 'assumed';
    readonly agreedWindows: readonly AgreedWindow[];
    /** By phoneRef. */
    readonly destinations: Readonly<Record<string, Destination>>;
  }
>;
/** Debtors to whom the bank gives a number of this one. */
export type SharingNoted = NewEvent<'SharingNoted', { readonly phoneRef: string; readonly debtors: number }>;
/** In a conversation the debtor asked for or agreed to an SMS. */
export type SmsAskNoted = NewEvent<'SmsAskNoted', { readonly fact: string }>;
/** The debtor, or who has the number, answered an SMS with N or T. */
export type ReplyNoted = NewEvent<'ReplyNoted', KnownReply>;
/** A number barred for everybody now stands in the number's own row. */
export type NumberBarKept = NewEvent<'NumberBarKept', { readonly phoneRef: string }>;
/** The number's row could not be written yet; tried again later. */
export type NumberBarDeferred = NewEvent<'NumberBarDeferred', { readonly phoneRefs: readonly string[] }>;
/** Contacts without an outcome were looked at, and are again. */
export type PermitsWatched = NewEvent<'PermitsWatched', { readonly contactIds: readonly string[] }>;
export type ContactsEvent =
  | GuardEvent
  | AccountNoted
  | DebtorNoted
  | SmsAskNoted
  | ReplyNoted
  | NumberBarKept
  | NumberBarDeferred
  | PermitsWatched
  | SharingNoted;

export interface DeniedContact {
  readonly status: 'denied';
  readonly contactId: string;
  readonly judgedAt: string;
  readonly deniedBy: readonly string[];
  readonly retryNotBefore: string | null;
}

export interface PermittedContact extends UsedContact {
  readonly status: 'permitted';
  readonly phoneRef: string;
  readonly judgedAt: string;
  readonly gatewayId: string;
  readonly accountIds: readonly string[];
  readonly tier: Tier;
  readonly strategyHash: string;
  readonly startNotAfter: string;
  readonly ringMaxSeconds: number;
  readonly endBy: string;
  readonly revoked: boolean;
  /** Its outcome is not yet known. */
  readonly open: boolean;
  /** Set aside for it; null: no money is counted. */
  readonly price: NonNullable<Verdict['price']> | null;
}

/** Made without this guard's word as far as it knows: its store was put back. */
export interface ImportedContact extends UsedContact {
  readonly status: 'imported';
}

export type Contact = DeniedContact | PermittedContact | ImportedContact;

export interface Contacts {
  readonly zone: { readonly name: string; readonly basis: 'bank' | 'assumed' } | null;
  readonly agreedWindows: readonly AgreedWindow[];
  /** Where his numbers lead, by phoneRef. */
  readonly destinations: Readonly<Record<string, Destination>>;
  /** Debtors of a number, by phoneRef; absent: he alone. */
  readonly sharing: Readonly<Record<string, number>>;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly stops: readonly Stop[];
  readonly bars: readonly NumberBar[];
  readonly contacts: readonly Contact[];
  readonly smsAsks: readonly { readonly at: string; readonly fact: string }[];
  readonly smsReplies: readonly KnownReply[];
  /** Numbers barred for everybody whose own row is not yet written. */
  readonly pendingBars: readonly string[];
  readonly pendingBarsDueAt: string | null;
  /** When contacts without an outcome were last looked at. */
  readonly watchedAt: string | null;
}

/** Longer than any rule's window (48 h) and than the oldest intent that is still judged. */
export const REMEMBER_MS = 96 * HOUR_MS;
/** A contact without an outcome keeps a timer, so that a halt finds it also after a restart. */
const PERMIT_WATCH_MS = 600_000;
/** One that tells no outcome for so long is over. */
const PERMIT_WATCH_MOST_MS = 24 * HOUR_MS;
const BAR_RETRY_MS = 600_000;

const after = (at: string, ms: number): string => snapToTick(new Date(Date.parse(at) + ms).toISOString());

const later = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);

type Data<T extends ContactsEvent['type']> = Extract<ContactsEvent, { readonly type: T }>['data'];

const placesOf = (channel: Channel): Pick<UsedContact, 'attempt' | 'connected' | 'sms'> =>
  channel === 'call'
    ? { attempt: 'reserved', connected: 'reserved', sms: 'none' }
    : { attempt: 'none', connected: 'none', sms: 'reserved' };

const acknowledgementOf = (
  { channel, solicitedBy }: Pick<Verdict, 'channel' | 'solicitedBy'>,
  stage: string,
): Pick<UsedContact, 'acknowledges'> =>
  channel === 'sms' && stage === 'sms.ack' && solicitedBy ? { acknowledges: solicitedBy } : {};

const permitted = ({ verdict, context, gatewayId }: Data<'ContactPermitted'>): PermittedContact => ({
  status: 'permitted',
  contactId: verdict.contactId,
  channel: verdict.channel,
  phoneRef: verdict.phoneRef,
  at: verdict.judgedAt,
  ...placesOf(verdict.channel),
  unsolicited: verdict.channel === 'sms' && verdict.unsolicited !== false,
  ...acknowledgementOf(verdict, context.stage),
  judgedAt: verdict.judgedAt,
  gatewayId,
  accountIds: verdict.accountIds ?? [context.accountId],
  tier: context.tier,
  strategyHash: context.strategyHash,
  startNotAfter: verdict.startNotAfter ?? verdict.judgedAt,
  ringMaxSeconds: verdict.ringMaxSeconds ?? 0,
  endBy: verdict.endBy ?? verdict.judgedAt,
  revoked: false,
  open: true,
  price: verdict.price ?? null,
});

const denied = ({ verdict }: Data<'ContactDenied'>): DeniedContact => ({
  status: 'denied',
  contactId: verdict.contactId,
  judgedAt: verdict.judgedAt,
  deniedBy: verdict.deniedBy,
  retryNotBefore: verdict.retryNotBefore,
});

const imported = ({
  contactId,
  channel,
  phoneRef,
  connected,
  countedAt,
}: Data<'ContactImported'>): ImportedContact => ({
  status: 'imported',
  contactId,
  channel,
  phoneRef,
  at: countedAt,
  attempt: channel === 'call' ? 'confirmed' : 'none',
  connected: channel === 'call' ? (connected ? 'confirmed' : 'released') : 'none',
  sms: channel === 'sms' ? 'confirmed' : 'none',
  unsolicited: channel === 'sms',
});

/** Adds a contact and drops what no rule can see any more. */
const remember = (state: Contacts, contact: Contact, at: string): Contacts => {
  const oldest = new Date(Date.parse(at) - REMEMBER_MS).toISOString();
  const seenAt = (c: Contact): string => (c.status === 'denied' ? c.judgedAt : c.at);
  return {
    ...state,
    contacts: [...state.contacts.filter((c) => seenAt(c) >= oldest), contact],
    smsAsks: state.smsAsks.filter((ask) => ask.at >= oldest),
    smsReplies: state.smsReplies.filter((reply) => reply.at >= oldest),
    stops: state.stops.filter((stop) => stop.until === null || stop.until > at),
  };
};

const changeContact = (
  state: Contacts,
  contactId: string,
  change: (contact: PermittedContact) => PermittedContact,
): Contacts => ({
  ...state,
  contacts: state.contacts.map((c) => (c.contactId === contactId && c.status === 'permitted' ? change(c) : c)),
});

const moved = (place: Place, to: 'confirmed' | 'released'): Place => (place === 'reserved' ? to : place);

const settle = (
  contact: PermittedContact,
  places: { readonly attempt: boolean; readonly connected: boolean },
  to: 'confirmed' | 'released',
): PermittedContact => ({
  ...contact,
  open: false,
  attempt: places.attempt ? moved(contact.attempt, to) : contact.attempt,
  sms: places.attempt ? moved(contact.sms, to) : contact.sms,
  connected: places.connected ? moved(contact.connected, to) : contact.connected,
});

const barNumber = (state: Contacts, bar: NumberBar, at: string): Contacts => {
  const bars = [...state.bars.filter((b) => b.phoneRef !== bar.phoneRef), bar];
  if (!bar.everywhere || state.pendingBars.includes(bar.phoneRef)) return { ...state, bars };
  return {
    ...state,
    bars,
    pendingBars: [...state.pendingBars, bar.phoneRef],
    pendingBarsDueAt: after(at, BAR_RETRY_MS),
  };
};

const evolve = (state: Contacts, event: ContactsEvent, at: string): Contacts => {
  switch (event.type) {
    case 'AccountNoted':
      return { ...state, accounts: { ...state.accounts, [event.data.accountId]: event.data } };
    case 'DebtorNoted':
      return {
        ...state,
        zone: { name: event.data.timeZone, basis: event.data.timeZoneBasis },
        agreedWindows: event.data.agreedWindows,
        destinations: event.data.destinations,
      };
    case 'SharingNoted':
      return { ...state, sharing: { ...state.sharing, [event.data.phoneRef]: event.data.debtors } };
    case 'SmsAskNoted':
      return { ...state, smsAsks: [...state.smsAsks, { at, fact: event.data.fact }] };
    case 'ReplyNoted':
      return { ...state, smsReplies: [...state.smsReplies, event.data] };
    case 'ContactPermitted':
      return remember(state, permitted(event.data), at);
    case 'ContactDenied':
      return remember(state, denied(event.data), at);
    case 'ContactImported':
      return remember(state, imported(event.data), at);
    case 'ReservationConfirmed':
      return changeContact(state, event.data.contactId, (c) => ({
        ...settle(c, event.data, 'confirmed'),
        at: later(c.at, event.data.countedAt),
      }));
    case 'ReservationReleased':
      return changeContact(state, event.data.contactId, (c) => settle(c, event.data, 'released'));
    case 'PermitRevoked':
      return changeContact(state, event.data.contactId, (c) => ({ ...c, revoked: true }));
    case 'StopPlaced': {
      const { debtorId: _, ...stop } = event.data;
      return { ...state, stops: [...state.stops.filter((s) => s.stopId !== stop.stopId), stop] };
    }
    case 'StopLifted':
      return { ...state, stops: state.stops.filter((s) => s.stopId !== event.data.stopId) };
    case 'NumberBarred':
      return barNumber(state, event.data, at);
    case 'NumberBarKept': {
      const pendingBars = state.pendingBars.filter((r) => r !== event.data.phoneRef);
      return { ...state, pendingBars, pendingBarsDueAt: pendingBars.length === 0 ? null : state.pendingBarsDueAt };
    }
    case 'PermitsWatched':
      return { ...state, watchedAt: at };
    case 'NumberBarDeferred':
      return { ...state, pendingBarsDueAt: after(at, BAR_RETRY_MS) };
    default:
      return state;
  }
};

/** Names of timers; persisted. */
export const PERMITS_TIMER = 'permits';
export const BARS_TIMER = 'number-bars';

/** Open permits and unwritten bars keep a timer, so that a restart finds them without reading every debtor. */
const timersOf = (state: Contacts): readonly Timer[] => {
  const opened = openPermits(state).map((c) => c.judgedAt);
  const timers: Timer[] = [];
  if (opened.length > 0) {
    const newest = opened.reduce((a, b) => (a > b ? a : b));
    timers.push({ name: PERMITS_TIMER, dueAt: after(later(newest, state.watchedAt ?? undefined), PERMIT_WATCH_MS) });
  }
  if (state.pendingBarsDueAt !== null) timers.push({ name: BARS_TIMER, dueAt: state.pendingBarsDueAt });
  return timers;
};

/** Open permits that are looked at once more, later. */
export const watchedPermits = (state: Contacts, at: string): readonly PermittedContact[] => {
  const oldest = new Date(Date.parse(at) - PERMIT_WATCH_MOST_MS).toISOString();
  return openPermits(state).filter((c) => c.judgedAt > oldest);
};

/** Permits whose contact may still begin or go on. */
export const openPermits = (state: Contacts): readonly PermittedContact[] =>
  state.contacts.filter((c): c is PermittedContact => c.status === 'permitted' && c.open && !c.revoked);

export const permittedContacts = (state: Contacts): readonly PermittedContact[] =>
  state.contacts.filter((c): c is PermittedContact => c.status === 'permitted');

/** Whatever takes a place in the counters. */
export const usedContacts = (state: Contacts): readonly UsedContact[] =>
  state.contacts.filter((c) => c.status !== 'denied');

export const contacts: Aggregate<Contacts, ContactsEvent> = {
  category: 'contacts',
  foldVersion: 4,
  initial: {
    zone: null,
    agreedWindows: [],
    destinations: {},
    sharing: {},
    accounts: {},
    stops: [],
    bars: [],
    contacts: [],
    smsAsks: [],
    smsReplies: [],
    pendingBars: [],
    pendingBarsDueAt: null,
    watchedAt: null,
  },
  evolve,
  timersOf,
};

export const contactsOf = (debtorId: string): StreamRef<Contacts, ContactsEvent> => ref(contacts, debtorId);

/** Facts about a debtor's contacts: outcomes, accounts, stops; each takes open permits back where it must. */
import { endOfDay } from '@mora/business-time';
import { haltCovers, type KnownReply, type Stop } from '@mora/contact-rules';
import { type Channel, type StopKind, type StopScope, uuidv5 } from '@mora/contracts';
import type { Gate } from '../gate/gate.js';
import {
  type Account,
  type Contacts,
  type ContactsEvent,
  openPermits,
  type PermittedContact,
  permittedContacts,
  watchedPermits,
} from './contacts.js';

/** Whose facts and which event said so. */
export interface Fact {
  readonly debtorId: string;
  /** Event key. */
  readonly cause: string;
  /** Business time. */
  readonly at: string;
}

const revoke = (
  state: Contacts,
  fact: Fact,
  why: string,
  concerns: (contact: PermittedContact) => boolean,
): readonly ContactsEvent[] =>
  openPermits(state)
    .filter(concerns)
    .map(({ contactId, channel }) => ({
      type: 'PermitRevoked',
      data: { contactId, debtorId: fact.debtorId, channel, why, cause: fact.cause },
    }));

// Outcomes

/** `never-left` needs proof: a tombstone, a fault before the carrier took it, an SMS refused or not submitted. */
export type Fate = 'never-left' | 'unanswered' | 'connected' | 'sent';

export interface Outcome {
  readonly contactId: string;
  readonly fate: Fate;
  readonly because: string;
  /** Business time at which the contact counts. */
  readonly countedAt: string;
  /** What the outcome itself tells, for a guard that does not know the contact. */
  readonly contact: {
    readonly channel: Channel;
    readonly phoneRef: string | null;
    readonly accountIds: readonly string[];
  };
  /** Minutes or parts that are paid for; null: not known, what was set aside stays. */
  readonly units: number | null;
}

/** What never left counts nowhere. */
const importContact = ({ contact, contactId, fate, because, countedAt }: Outcome, debtorId: string): ContactsEvent[] =>
  fate === 'never-left'
    ? []
    : [
        {
          type: 'ContactImported',
          data: {
            contactId,
            debtorId,
            channel: contact.channel,
            phoneRef: contact.phoneRef,
            accountIds: [...contact.accountIds],
            connected: fate === 'connected',
            because,
            countedAt,
          },
        },
      ];

/**
 * Uses or gives back a contact's places in the counters, once: what comes later about it changes nothing. A contact that the
 * guard does not know, because its store was put back, counts all the same.
 */
export const noteOutcome = (outcome: Outcome, debtorId: string, state: Contacts): readonly ContactsEvent[] => {
  const { contactId, fate, because, countedAt } = outcome;
  const contact = permittedContacts(state).find((c) => c.contactId === contactId);
  if (contact === undefined && state.contacts.every((c) => c.contactId !== contactId || c.status === 'denied'))
    return importContact(outcome, debtorId);
  if (!contact?.open) return [];
  const refs = { contactId, debtorId, channel: contact.channel, because };
  const call = contact.channel === 'call';
  switch (fate) {
    case 'never-left':
      return [{ type: 'ReservationReleased', data: { ...refs, attempt: true, connected: call } }];
    case 'unanswered':
      return [
        { type: 'ReservationConfirmed', data: { ...refs, attempt: true, connected: false, countedAt } },
        { type: 'ReservationReleased', data: { ...refs, attempt: false, connected: true } },
      ];
    case 'connected':
      return [{ type: 'ReservationConfirmed', data: { ...refs, attempt: true, connected: true, countedAt } }];
    case 'sent':
      return [{ type: 'ReservationConfirmed', data: { ...refs, attempt: true, connected: false, countedAt } }];
    default:
      return fate satisfies never;
  }
};

/** What the end of a contact changes in what was set aside for it; 0: nothing. */
export const settledSpend = ({ contactId, units }: Outcome, state: Contacts): number => {
  const contact = permittedContacts(state).find((c) => c.contactId === contactId);
  if (!contact?.open || contact.price === null || units === null) return 0;
  return contact.price.perUnit * units - contact.price.reserved;
};

// Stops

export interface NewStop {
  readonly kind: StopKind;
  readonly scope: StopScope;
  readonly accountId?: string;
  readonly phoneRef?: string;
  readonly channels: readonly Channel[];
  readonly until?: string | null;
  /** Who said so: `bank:<accountId>`, `call`, `sms`, `tiering` … with what lifts it. */
  readonly source: string;
}

/** The same stop from the same source is one stop, however often it is said. */
const stopOf = (stop: NewStop, { debtorId, cause }: Fact): Stop => ({
  stopId: uuidv5(
    debtorId,
    `stop|${stop.kind}|${stop.scope}|${stop.accountId ?? ''}|${stop.phoneRef ?? ''}|${stop.source}`,
  ),
  kind: stop.kind,
  scope: stop.scope,
  accountId: stop.accountId ?? null,
  phoneRef: stop.phoneRef ?? null,
  channels: stop.channels,
  until: stop.until ?? null,
  source: stop.source,
  evidence: cause,
});

const stopConcerns =
  (stop: Stop) =>
  (contact: PermittedContact): boolean => {
    if (!stop.channels.includes(contact.channel)) return false;
    if (stop.kind === 'handed-over' && contact.channel === 'sms' && !contact.unsolicited) return false;
    if (stop.scope === 'debtor') return true;
    if (stop.scope === 'account') return stop.accountId !== null && contact.accountIds.includes(stop.accountId);
    return stop.phoneRef === contact.phoneRef;
  };

const isBar = (stop: NewStop): boolean =>
  (stop.kind === 'wrong-person' || stop.kind === 'third-party-stop') && stop.phoneRef !== undefined;

const placed = (stop: Stop, debtorId: string): ContactsEvent => ({
  type: 'StopPlaced',
  data: { ...stop, channels: [...stop.channels], debtorId },
});

/**
 * A wrong person's number is barred for this debtor, one whose owner asked to stop for everybody; anything else is a stop.
 * Open permits that it concerns are taken back.
 */
export const placeStops = (stops: readonly NewStop[], fact: Fact, state: Contacts): readonly ContactsEvent[] => {
  const events: ContactsEvent[] = [];
  const concerned: ((contact: PermittedContact) => boolean)[] = [];
  for (const wanted of stops) {
    if (isBar(wanted)) {
      const phoneRef = wanted.phoneRef as string;
      const everywhere = wanted.kind === 'third-party-stop' || wanted.scope === 'number-everywhere';
      if (state.bars.some((b) => b.phoneRef === phoneRef && (b.everywhere || !everywhere))) continue;
      events.push({
        type: 'NumberBarred',
        data: { debtorId: fact.debtorId, phoneRef, everywhere, evidence: fact.cause },
      });
      concerned.push((contact) => contact.phoneRef === phoneRef);
      continue;
    }
    const stop = stopOf(wanted, fact);
    if (state.stops.some((s) => s.stopId === stop.stopId && s.until === stop.until)) continue;
    events.push(placed(stop, fact.debtorId));
    concerned.push(stopConcerns(stop));
  }
  const why = stops.map((s) => s.kind).join(', ');
  return [...events, ...revoke(state, fact, why, (contact) => concerned.some((c) => c(contact)))];
};

export const liftStops = (
  which: (stop: Stop) => boolean,
  reason: string,
  by: string,
  debtorId: string,
  state: Contacts,
): readonly ContactsEvent[] =>
  state.stops.filter(which).map(({ stopId }) => ({ type: 'StopLifted', data: { stopId, debtorId, reason, by } }));

/** Stops that a human has dealt with when he returns the account; a complaint or a bar needs its own lifting. */
const DEALT_WITH: Readonly<Record<string, readonly StopKind[]>> = {
  dispute: ['disputed'],
  fraud: ['fraud', 'disputed'],
  hardship: ['hardship'],
  distress: ['distress'],
  'claims-paid': ['claims-paid'],
};

const dealtWith = (reason: string): readonly StopKind[] =>
  Object.hasOwn(DEALT_WITH, reason) ? DEALT_WITH[reason]! : [];

/** @param by the human who returns it */
export const returnToRobot = (
  accountId: string,
  by: string,
  debtorId: string,
  state: Contacts,
): readonly ContactsEvent[] => {
  const handed = state.stops.filter((s) => s.kind === 'handed-over' && s.accountId === accountId);
  const dealt = handed.flatMap((s) => dealtWith(s.source.replace('hand-over:', '')));
  const concerns = (s: Stop) =>
    handed.includes(s) ||
    (dealt.includes(s.kind) && !s.source.startsWith('bank:') && (s.scope === 'debtor' || s.accountId === accountId));
  return liftStops(concerns, 'returned to the robot', by, debtorId, state);
};

// Accounts

export interface AccountUpdate {
  readonly caseId: string;
  readonly accountId: string;
  /** A new episode begins. */
  readonly opens?: boolean;
  readonly status?: Account['status'];
  readonly unpaidMinimum?: number;
  readonly tolerance?: number;
  readonly withdrawn?: boolean;
  /** A bank record: its business date and the flags that it carries. */
  readonly record?: {
    readonly businessDate: string;
    /** Undefined: the record does not say. */
    readonly agencyNotice: Account['agencyNotice'] | undefined;
    readonly stops: readonly NewStop[];
    /** Only a record that says its flags can say that one is gone. */
    readonly flagsSaid: boolean;
  };
}

const mergeAccount = (update: AccountUpdate, before: Account | undefined, fact: string): Account => {
  const sameEpisode = before !== undefined && before.caseId === update.caseId;
  const unpaidMinimum = update.unpaidMinimum ?? (sameEpisode ? before.unpaidMinimum : null);
  const tolerance = update.tolerance ?? (sameEpisode ? before.tolerance : null);
  const standing = sameEpisode ? before.status : 'open';
  const owesMore = standing === 'tolerance' && unpaidMinimum !== null && unpaidMinimum > (tolerance ?? 0);
  const reportedOn = before?.reportedOn ?? null;
  const recorded = update.record?.businessDate ?? null;
  const isNewest = recorded !== null && (reportedOn === null || recorded >= reportedOn);
  const notice = isNewest ? update.record?.agencyNotice : undefined;
  return {
    accountId: update.accountId,
    caseId: update.caseId,
    status: update.status ?? (owesMore ? 'open' : standing),
    unpaidMinimum,
    tolerance,
    reportedOn: isNewest ? recorded : reportedOn,
    agencyNotice: notice === undefined ? (before?.agencyNotice ?? null) : notice,
    ...(update.withdrawn ? { withdrawn: true } : {}),
    fact,
  };
};

const sameAccount = (a: Account | undefined, b: Account): boolean =>
  a !== undefined &&
  a.caseId === b.caseId &&
  a.status === b.status &&
  a.unpaidMinimum === b.unpaidMinimum &&
  a.tolerance === b.tolerance &&
  a.reportedOn === b.reportedOn &&
  a.agencyNotice?.agency === b.agencyNotice?.agency &&
  a.agencyNotice?.toldOn === b.agencyNotice?.toldOn;

/** Stops of the bank's newest record that says its flags replace those of earlier ones; silence and older news lift none. */
const bankFlags = (update: AccountUpdate, before: Account | undefined, fact: Fact, state: Contacts) => {
  if (!update.record) return { placed: [], lifted: [] };
  const { businessDate, flagsSaid } = update.record;
  const lifts = flagsSaid && (before?.reportedOn ?? '') <= businessDate;
  const wanted = update.record.stops.filter((s) => !s.until || s.until > fact.at).map((s) => stopOf(s, fact));
  const source = `bank:${update.accountId}`;
  const gone = state.stops.filter((s) => s.source === source && !wanted.some((w) => w.stopId === s.stopId));
  const fresh = wanted.filter((w) => !state.stops.some((s) => s.stopId === w.stopId && s.until === w.until));
  return { placed: fresh, lifted: lifts ? gone : [] };
};

/**
 * A payment that covers a claim, or a new episode after a finished one, ends what lay on the old state of the account; what
 * humans still have unpaid stays theirs.
 */
const outlived = (update: AccountUpdate, before: Account | undefined, state: Contacts): readonly Stop[] => {
  const newEpisode =
    update.opens === true && before !== undefined && before.caseId !== update.caseId && before.status !== 'open';
  return state.stops.filter(
    (s) =>
      s.accountId === update.accountId &&
      ((s.kind === 'claims-paid' && (newEpisode || update.status === 'cured')) ||
        (s.kind === 'handed-over' && newEpisode && before?.withdrawn !== true)),
  );
};

/** What a fact of the bank changes; facts of another episode than the one now worked are left aside. */
export const noteAccount = (update: AccountUpdate, fact: Fact, state: Contacts): readonly ContactsEvent[] => {
  const before = state.accounts[update.accountId];
  if (before !== undefined && before.caseId !== update.caseId && update.opens !== true) return [];
  const account = mergeAccount(update, before, fact.cause);
  const flags = bankFlags(update, before, fact, state);
  const lifted = [...flags.lifted, ...outlived(update, before, state)];
  const owes = account.status === 'open' && (account.unpaidMinimum === null || account.unpaidMinimum > 0);
  const concerned = [
    ...flags.placed.map(stopConcerns),
    ...(owes ? [] : [(contact: PermittedContact) => contact.accountIds.includes(account.accountId)]),
  ];
  const why = owes ? flags.placed.map((s) => s.kind).join(', ') : account.status === 'open' ? 'paid' : account.status;
  return [
    ...(sameAccount(before, account) ? [] : [{ type: 'AccountNoted', data: account } as const]),
    ...flags.placed.map((stop) => placed(stop, fact.debtorId)),
    ...lifted.map(
      ({ stopId }): ContactsEvent => ({
        type: 'StopLifted',
        data: { stopId, debtorId: fact.debtorId, reason: 'the bank record says so', by: 'bank' },
      }),
    ),
    ...revoke(state, fact, why, (contact) => concerned.some((c) => c(contact))),
  ];
};

/** The instant at which a flag that holds through a date no longer does. */
export const endOfFlag = (until: string | null, zone: string): string | null =>
  until === null ? null : endOfDay(until, zone);

type DebtorData = Extract<ContactsEvent, { readonly type: 'DebtorNoted' }>['data'];

export const noteDebtor = (data: DebtorData, state: Contacts): readonly ContactsEvent[] =>
  state.zone?.name === data.timeZone &&
  state.zone.basis === data.timeZoneBasis &&
  JSON.stringify(state.agreedWindows) === JSON.stringify(data.agreedWindows) &&
  JSON.stringify(state.destinations) === JSON.stringify(data.destinations)
    ? []
    : [{ type: 'DebtorNoted', data }];

/** Told again of the same number: nothing. */
export const noteSharing = (phoneRef: string, debtors: number, state: Contacts): readonly ContactsEvent[] =>
  (state.sharing[phoneRef] ?? 1) === debtors ? [] : [{ type: 'SharingNoted', data: { phoneRef, debtors } }];

export const noteSmsAsk = (fact: string, state: Contacts): readonly ContactsEvent[] =>
  state.smsAsks.some((ask) => ask.fact === fact) ? [] : [{ type: 'SmsAskNoted', data: { fact } }];

/** Told again: nothing. */
export const noteReply = (reply: KnownReply, state: Contacts): readonly ContactsEvent[] =>
  state.smsReplies.some(({ fact }) => fact === reply.fact) ? [] : [{ type: 'ReplyNoted', data: reply }];

// Halts

/** Takes back every open permit that a halt of the shard covers. */
export const revokeHalted = (fact: Fact, state: Contacts, gate: Gate): readonly ContactsEvent[] =>
  revoke(state, fact, 'halted', (contact) =>
    gate.halts.some((halt) => haltCovers(halt.scope, { ...contact, debtorId: fact.debtorId })),
  );

/** Takes back what a halt covers, and keeps looking at the rest until its outcome is known. */
export const watchPermits = (fact: Fact, state: Contacts, gate: Gate): readonly ContactsEvent[] => {
  const revoked = revokeHalted(fact, state, gate);
  const gone = new Set(revoked.map(({ data }) => ('contactId' in data ? data.contactId : null)));
  const contactIds = watchedPermits(state, fact.at)
    .map(({ contactId }) => contactId)
    .filter((contactId) => !gone.has(contactId));
  return contactIds.length === 0 ? revoked : [...revoked, { type: 'PermitsWatched', data: { contactIds } }];
};

/** Counting rules. A reservation counts like a use: two permits can never share the last place. */
import { DAY_MS, dayBounds, localTime, toInstant } from '@mora/business-time';
import { acknowledgedReply, isAcknowledgement } from './acknowledged.js';
import type { Finding, RuleInputs, UsedContact } from './inputs.js';
import type { CheckOf } from './profile.js';

type Counter = CheckOf<'counter'>;

interface Counted {
  readonly at: number;
  readonly place: 'reserved' | 'confirmed';
  /** `contact/<contactId>`; null: another debtor's, whose id does not belong into this verdict. */
  readonly fact: string | null;
}

interface CountWindow {
  readonly window: string;
  readonly zone: string | null;
  readonly start: number;
  readonly end: number;
  readonly within: readonly Counted[];
}

const taken = (place: UsedContact['attempt']): place is 'reserved' | 'confirmed' =>
  place === 'reserved' || place === 'confirmed';

const placeOf = (check: Counter, contact: UsedContact, phoneRef: string): Counted['place'] | null => {
  switch (check.counts) {
    case 'connected':
      return contact.channel === 'call' && taken(contact.connected) ? contact.connected : null;
    case 'attempt':
      return contact.channel === 'call' && contact.phoneRef === phoneRef && taken(contact.attempt)
        ? contact.attempt
        : null;
    case 'sms':
      return contact.channel === 'sms' && contact.unsolicited && taken(contact.sms) ? contact.sms : null;
    case 'unanswered': {
      if (contact.channel !== 'call' || !taken(contact.attempt) || contact.connected === 'confirmed') return null;
      if (check.key === 'number' && contact.phoneRef !== null && contact.phoneRef !== phoneRef) return null;
      return contact.attempt;
    }
  }
};

const othersOf = (check: Counter, { number }: RuleInputs): readonly string[] =>
  (check.counts === 'attempt' ? number?.othersCalls : number?.othersAttempts) ?? [];

/** By the bank's word or by what was done there. */
export const isShared = ({ debtorsOnNumber, number }: RuleInputs): boolean =>
  debtorsOnNumber > 1 || (number?.othersCalls.length ?? 0) > 0;

const countedBy = (check: Counter, inputs: RuleInputs): readonly Counted[] => {
  const own = inputs.contacts.flatMap((contact): Counted[] => {
    const place = placeOf(check, contact, inputs.request.phoneRef);
    return place === null ? [] : [{ at: Date.parse(contact.at), place, fact: `contact/${contact.contactId}` }];
  });
  if (check.key !== 'number') return own;
  const others = othersOf(check, inputs);
  return [...own, ...others.map((at): Counted => ({ at: Date.parse(at), place: 'reserved', fact: null }))];
};

/** Calendar days in every candidate zone, and the last 24 hours: whichever is fuller decides. */
const windowsOf = (check: Counter, all: readonly Counted[], now: number, zones: readonly string[]) =>
  check.windows.flatMap((window): CountWindow[] => {
    if (window === 'rolling-24h') {
      const start = now - DAY_MS;
      return [{ window, zone: null, start, end: now, within: all.filter((c) => c.at > start) }];
    }
    return zones.map((zone) => {
      const { start, end } = dayBounds(localTime(now, zone).date, zone);
      return { window, zone, start, end, within: all.filter((c) => c.at >= start) };
    });
  });

const fullest = (windows: readonly CountWindow[]): CountWindow =>
  windows.reduce((a, b) => (b.within.length > a.within.length ? b : a));

/** When a full window has a free place again. */
const freeAt = (window: CountWindow, limit: number): number | null => {
  if (limit === 0) return null;
  if (window.zone !== null) return window.end;
  const newestFirst = window.within.map((c) => c.at).sort((a, b) => b - a);
  return newestFirst[limit - 1]! + DAY_MS;
};

const places = (within: readonly Counted[], place: Counted['place']): number =>
  within.filter((c) => c.place === place).length;

/** An SMS is solicited when the guard itself knows of a conversation of the same local day in which it was asked for. */
export const solicitation = (inputs: RuleInputs, zones: readonly string[]): string | null => {
  if (inputs.request.solicitedBy === null || isAcknowledgement(inputs.request)) return null;
  const now = Date.parse(inputs.at);
  const sameDay = inputs.smsAsks.filter((ask) =>
    zones.every((zone) => localTime(Date.parse(ask.at), zone).date === localTime(now, zone).date),
  );
  return sameDay.at(-1)?.fact ?? null;
};

/** The fact by which an SMS is not one that nobody asked for, with the exception's name. */
const exceptionOf = (
  check: Counter,
  inputs: RuleInputs,
  zones: readonly string[],
): { readonly fact: string; readonly name: string } | null => {
  const asked = check.exceptions.includes('solicited') ? solicitation(inputs, zones) : null;
  if (asked !== null) return { fact: asked, name: `solicited:${asked}` };
  const reply = check.exceptions.includes('acknowledgement') ? acknowledgedReply(inputs, zones) : null;
  return reply && { fact: reply.fact, name: `acknowledgement:${reply.fact}` };
};

export const checkCounter = (check: Counter, inputs: RuleInputs, zones: readonly string[]): Finding => {
  if (check.onlyShared === true && !isShared(inputs)) return { result: 'not-applicable' };
  const now = Date.parse(inputs.at);
  const windows = windowsOf(check, countedBy(check, inputs), now, zones);
  const shown = fullest(windows);
  const full = windows.filter((w) => w.within.length >= check.limit);
  const excepted = exceptionOf(check, inputs, zones);
  const denies = full.length > 0 && excepted === null;
  const free = full.map((w) => freeAt(w, check.limit));
  const facts = shown.within.flatMap((c) => (c.fact === null ? [] : [c.fact]));
  return {
    result: denies ? 'deny' : 'allow',
    limit: check.limit,
    windowStart: shown.start,
    windowEnd: shown.end,
    counter: { confirmed: places(shown.within, 'confirmed'), reserved: places(shown.within, 'reserved') },
    facts: excepted === null ? facts : [...facts, excepted.fact],
    inputs: {
      windows: windows.map((w) => ({
        window: w.window,
        ...(w.zone === null ? {} : { zone: w.zone }),
        start: toInstant(w.start),
        count: w.within.length,
      })),
      ...(check.key === 'number' ? { key: inputs.number === null ? 'phoneRef' : 'number' } : {}),
      ...(check.key === 'number' && inputs.number ? { othersAttempts: othersOf(check, inputs) } : {}),
      ...(check.exceptions.includes('solicited') ? { solicitedBy: inputs.request.solicitedBy } : {}),
    },
    ...(excepted === null ? {} : { exception: excepted.name }),
    ...(denies && free.every((at) => at !== null) ? { retryAt: Math.max(...free) } : {}),
  };
};

/**
 * What one account's debtor pays, as a whole, from the facts known so far.
 * Invariant: a fact at time c changes nothing before c + 1 h, so whatever was posted stays posted when more facts come.
 */
import type { BankAccount, BankFact } from './bank-records.js';
import { type Draws, draws } from './draws.js';
import { addDays, atLocal, DAY_MS, HOUR_MS, localDate, localMinute, MINUTE_MS, msOf } from './local-time.js';
import type { Persona } from './persona.js';

/** Nobody pays sooner after a call or an SMS. */
export const REACTION_MS = HOUR_MS;

export interface Posting {
  readonly kind: 'payment' | 'reversal';
  readonly paymentId: string;
  readonly reversalOf: string | null;
  readonly amount: number;
  readonly valueDate: string;
  readonly postedMs: number;
  /** Net of everything posted up to and with this one. */
  readonly paidAfter: number;
}

type Size = 'habit' | { readonly amount: number };

/** A wish to pay at a time; it comes true only if something is still due then. */
interface Wish {
  readonly atMs: number;
  readonly valueDate: string;
  readonly size: Size;
}

const OPENS = 7 * 60;
const CLOSES = 22 * 60 + 40;

const daytime = (d: Draws, date: string): number => atLocal(date, d.between(OPENS + 30, CLOSES));

const wishAt = (atMs: number, size: Size): Wish => ({ atMs, valueDate: localDate(atMs), size });

/** Moves an instant of the night to the next morning. */
const awake = (ms: number, d: Draws): number => {
  const minute = localMinute(ms);
  if (minute >= OPENS && minute <= CLOSES) return ms;
  return daytime(d, minute > CLOSES ? addDays(localDate(ms), 1) : localDate(ms)) + (minute > CLOSES ? 0 : MINUTE_MS);
};

const aloneWish = (account: BankAccount, persona: Persona): readonly Wish[] => {
  if (persona.paysAloneOnDpd === null) return [];
  const d = draws(persona.seed, 'alone', account.accountId);
  return [wishAt(daytime(d, addDays(account.dueDate, persona.paysAloneOnDpd)), 'habit')];
};

const promiseWish = (
  promise: { readonly date: string; readonly amount: number },
  persona: Persona,
  afterMs: number,
  d: Draws,
): readonly Wish[] => {
  const onDay = (date: string): number => {
    const ms = daytime(d, date);
    return ms > afterMs ? ms : afterMs + d.between(1, 90) * MINUTE_MS;
  };
  switch (persona.promise) {
    case 'keeps':
      return [wishAt(onDay(promise.date), persona.amount === 'full' ? 'habit' : { amount: promise.amount })];
    case 'late':
      return [wishAt(onDay(addDays(promise.date, d.between(1, 3))), { amount: promise.amount })];
    case 'partly': {
      const share = d.chance(0.7) ? d.between(50, 80) : d.between(15, 49);
      return [wishAt(onDay(promise.date), { amount: Math.floor((promise.amount * share) / 100) })];
    }
    case 'breaks':
      return [];
    default:
      return persona.promise satisfies never;
  }
};

const factWishes = (account: BankAccount, persona: Persona, fact: BankFact): readonly Wish[] => {
  const heardMs = msOf(fact.at);
  const afterMs = heardMs + REACTION_MS;
  const d = draws(persona.seed, 'moved', account.accountId, fact.kind, fact.at);
  if (fact.kind === 'sms') {
    return d.chance(persona.movedBySms) ? [wishAt(awake(afterMs + d.between(5, 1_700) * MINUTE_MS, d), 'habit')] : [];
  }
  if (fact.claimsPaid) {
    if (!persona.claimIsTrue) return [];
    const atMs = awake(afterMs + d.between(1, 15) * HOUR_MS, d);
    return [{ atMs, valueDate: addDays(localDate(heardMs), -1), size: 'habit' }];
  }
  if (!fact.identityConfirmed) return [];
  if (fact.promise) return promiseWish(fact.promise, persona, afterMs, d);
  return d.chance(persona.movedByTalk) ? [wishAt(awake(afterMs + d.between(10, 2_400) * MINUTE_MS, d), 'habit')] : [];
};

/** Money is sent off in batches at second 15 of every minute that ends in 4, five minutes after it came at the earliest. */
const postedMsOf = (receivedMs: number): number => {
  const minutes = Math.ceil((receivedMs + 5 * MINUTE_MS - 15_000) / MINUTE_MS);
  return (minutes + ((14 - (minutes % 10)) % 10)) * MINUTE_MS + 15_000;
};

const habitual = (account: BankAccount, persona: Persona, paid: number, d: Draws): number => {
  const left = account.minimumDue - paid;
  switch (persona.amount) {
    case 'minimum':
      return left;
    case 'full':
      return Math.max(left, account.statementBalance - paid);
    case 'rounded-down':
      return left >= 10_000 ? left - (left % 10_000) : left;
    case 'half':
      return Math.ceil((left * d.between(35, 70)) / 100);
    default:
      return persona.amount satisfies never;
  }
};

/** Everything that this account's debtor pays or takes back, in order of posting. */
export const lifeOf = (account: BankAccount, persona: Persona, facts: readonly BankFact[]): readonly Posting[] => {
  if (account.minimumDue <= 0) return [];
  const wishes = [...aloneWish(account, persona), ...facts.flatMap((fact) => factWishes(account, persona, fact))];
  const queue = [...wishes].sort((a, b) => a.atMs - b.atMs);
  const d = draws(persona.seed, 'amounts', account.accountId);
  const postings: Posting[] = [];
  let paid = 0;
  let reversal: { readonly of: Posting; readonly atMs: number } | null = null;
  const reverseUntil = (ms: number): void => {
    if (reversal === null || reversal.atMs > ms) return;
    const { of, atMs } = reversal;
    reversal = null;
    paid -= of.amount;
    postings.push({
      kind: 'reversal',
      paymentId: `${of.paymentId}-r`,
      reversalOf: of.paymentId,
      amount: of.amount,
      valueDate: localDate(atMs),
      postedMs: atMs,
      paidAfter: paid,
    });
  };
  for (const wish of queue) {
    const postedMs = postedMsOf(wish.atMs);
    reverseUntil(postedMs);
    if (paid >= account.minimumDue) continue;
    const wanted = wish.size === 'habit' ? habitual(account, persona, paid, d) : wish.size.amount;
    if (wanted <= 0) continue;
    paid += wanted;
    const posting: Posting = {
      kind: 'payment',
      paymentId: `${account.accountId}-p${postings.length + 1}`,
      reversalOf: null,
      amount: wanted,
      valueDate: wish.valueDate,
      postedMs,
      paidAfter: paid,
    };
    postings.push(posting);
    if (persona.reverses && postings.length === 1) {
      reversal = { of: posting, atMs: postedMsOf(atLocal(localDate(postedMs + DAY_MS), 10 * 60)) };
    }
  }
  reverseUntil(Number.POSITIVE_INFINITY);
  return postings;
};

import type { BankRecord } from '../bank-records.js';
import { type Acknowledged, isStopOf } from './acknowledgements.js';
import { groupBy, type Left, violation } from './contacts.js';
import type { OracleLimits, StopFact, StoredVerdict, Violation } from './evidence.js';

export interface StopFindings {
  readonly violations: readonly Violation[];
  readonly insidePermitLife: number;
  readonly longestAfterStopMs: number;
}

const kinds = { cure: 'after-cure', stop: 'after-stop', complaint: 'after-complaint', halt: 'after-halt' } as const;

interface Committed {
  readonly fact: StopFact;
  readonly fromMs: number;
  readonly untilMs: number;
}

const committed = (fact: StopFact): Committed => ({
  fact,
  fromMs: Date.parse(fact.committedWallAt),
  untilMs: fact.liftedWallAt ? Date.parse(fact.liftedWallAt) : Number.POSITIVE_INFINITY,
});

/** Keyed so that a contact looks at its own debtor's, its number's and everybody's facts only. */
const keyOf = ({ scope, debtorId, number }: StopFact): string =>
  scope === 'all' ? 'all' : scope === 'number' && !debtorId ? `number|${number}` : `debtor|${debtorId}`;

const concerns = ({ scope, number, accountId, channels }: StopFact, left: Left, about: string | null): boolean => {
  if (channels && !channels.includes(left.channel)) return false;
  if (scope === 'number') return number === left.number;
  return scope !== 'account' || accountId === null || accountId === undefined || about === null || about === accountId;
};

/** Contacts that began while a stop was committed in the guard's store, wall time against wall time. */
export const afterStops = (
  contacts: readonly Left[],
  facts: readonly StopFact[],
  verdicts: ReadonlyMap<string, Pick<StoredVerdict, 'accountId'>>,
  limits: OracleLimits,
  acknowledged: Acknowledged['by'],
): StopFindings => {
  const stops = groupBy(facts.map(committed), ({ fact }) => keyOf(fact));
  const violations: Violation[] = [];
  let insidePermitLife = 0;
  let longestAfterStopMs = 0;
  for (const left of contacts) {
    const reply = acknowledged.get(left);
    const about = verdicts.get(left.contactId)?.accountId ?? null;
    const own = [`debtor|${left.debtorId}`, `number|${left.number}`, 'all'].flatMap((key) => stops.get(key) ?? []);
    for (const { fact, fromMs, untilMs } of own) {
      if (!concerns(fact, left, about) || left.wallMs <= fromMs || left.wallMs >= untilMs) continue;
      if (reply !== undefined && isStopOf(reply, fact)) continue;
      const lateMs = left.wallMs - fromMs;
      if (lateMs > limits.permitLifeMs) {
        violations.push(
          violation(
            kinds[fact.kind],
            left,
            `began ${lateMs} ms after ${fact.kind} was committed (${fact.committedWallAt})`,
          ),
        );
      } else {
        insidePermitLife += 1;
        longestAfterStopMs = Math.max(longestAfterStopMs, lateMs);
      }
    }
  }
  return { violations, insidePermitLife, longestAfterStopMs };
};

interface BankState {
  readonly atMs: number;
  readonly owes: boolean;
}

/** The bank's log, taken record by record: by account, whether the bank itself says that something is owed, from its postings alone. */
export class BankStates {
  readonly #states = new Map<string, BankState[]>();
  #payments = 0;
  #reversals = 0;

  take(record: BankRecord): void {
    if (record.kind !== 'payment' && record.kind !== 'reversal') return;
    if (record.kind === 'payment') this.#payments += 1;
    else this.#reversals += 1;
    const list = this.#states.get(record.accountId) ?? [];
    list.push({ atMs: Date.parse(record.postedAt), owes: record.remainingMinimumDue > 0 });
    this.#states.set(
      record.accountId,
      list.sort((a, b) => a.atMs - b.atMs),
    );
  }

  counts(): { readonly payments: number; readonly reversals: number } {
    return { payments: this.#payments, reversals: this.#reversals };
  }

  /** The account's last posting up to an instant. */
  lastAt(accountId: string, atMs: number): BankState | undefined {
    return this.#states.get(accountId)?.findLast((state) => state.atMs <= atMs);
  }
}

/** Contacts with a debtor who, by the bank's own log, owed nothing any more: with the business time since the last posting. */
export const afterBankCures = (
  contacts: readonly Left[],
  bank: BankStates,
  accounts: Readonly<Record<string, readonly string[]>>,
): readonly { readonly left: Left; readonly lateMs: number }[] => {
  return contacts.flatMap((left) => {
    let curedMs = Number.NEGATIVE_INFINITY;
    for (const account of accounts[left.debtorId] ?? []) {
      const last = bank.lastAt(account, left.businessMs);
      if (!last || last.owes) return [];
      curedMs = Math.max(curedMs, last.atMs);
    }
    return Number.isFinite(curedMs) ? [{ left, lateMs: left.businessMs - curedMs }] : [];
  });
};

import type { Instant } from '@mora/business-time';
import type { Tier } from '@mora/contracts';

const rank: Readonly<Record<Tier, number>> = { H: 0, M: 1, L: 2 };

/** The account a call to a debtor with several is about: highest tier, then larger amount, then older. */
export const chooseLead = <
  Account extends {
    readonly caseId: string;
    readonly tier: Tier;
    readonly unpaidMinimum: number;
    readonly openedAt: Instant;
  },
>(
  accounts: readonly Account[],
): Account | null => {
  const order = (a: Account, b: Account): number =>
    rank[a.tier] - rank[b.tier] ||
    b.unpaidMinimum - a.unpaidMinimum ||
    (a.openedAt < b.openedAt ? -1 : a.openedAt > b.openedAt ? 1 : a.caseId < b.caseId ? -1 : 1);
  return [...accounts].sort(order)[0] ?? null;
};

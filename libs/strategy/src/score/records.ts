import type { LocalDate } from '@mora/business-time';
import type { IntentLabel, ReasonLabel } from '@mora/contracts';

export interface ScoreFeatures {
  readonly lastLabel: IntentLabel | null;
  /** Date promised, or held on to, at the last RPC conversation. */
  readonly lastLabelDate: LocalDate | null;
  /** Business date of that conversation. */
  readonly lastLabelOn: LocalDate | null;
  readonly lastReason: ReasonLabel | null;
  readonly askedHow: boolean;
  readonly longestConversationSeconds: number;
  readonly understoodTurnsOfLongest: number;
  /** Of the last two connected calls, how many ended before identity. */
  readonly hungUpEarlyOfLastConnected: number;
  readonly attempts: number;
  readonly rpcConversations: number;
  /** Whole days since the last RPC conversation, or since the first attempt if there was none; null: no attempt yet. */
  readonly daysWithoutRpc: number | null;
  readonly promisesKept12m: number;
  readonly brokenInEpisode: number;
  /** Broken in the 6 months before this episode. */
  readonly brokenBefore6m: number;
  readonly paidInEpisode: number;
  readonly minimumDue: number;
  readonly unpaidMinimum: number;
  readonly currency: string;
  readonly recordedMonths: number;
  readonly earlierEpisodes12m: number;
  readonly earlierCuredEarly: number;
  readonly earlierCuredLate: number;
  readonly statementBalance: number | null;
  readonly creditLimit: number | null;
  readonly daysAfterGrace: number;
}

export interface ScoreResult {
  readonly score: number;
  readonly band: 'A' | 'B' | 'C' | 'D';
  readonly reasons: readonly {
    readonly row: string;
    readonly points: number;
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
}

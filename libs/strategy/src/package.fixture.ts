import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Disposition } from '@mora/contracts';
import { loadStrategyFolder } from './loading/load.js';
import type { Strategy } from './package/schema.js';
import type { ChanceSource, PastCall, PlanInputs, RedialAdvice, TierInputs } from './records.js';
import type { SmsInputs } from './sms/records.js';

const folder = fileURLToPath(new URL('../../../strategies/cn-early-delinquency/', import.meta.url));
const texts = (under: string): readonly (readonly [string, string])[] =>
  readdirSync(folder + under)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [under + name, readFileSync(folder + under + name, 'utf8')] as const);

/** Texts of the default package by file name. */
export const packageFiles: Readonly<Record<string, string>> = Object.fromEntries([...texts(''), ...texts('scripts/')]);

const loaded = loadStrategyFolder(packageFiles);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
export const strategy: Strategy = loaded.strategy;
export const packageHash = loaded.hash;

export const chance: ChanceSource = { saltId: 'salt-1', salt: 'a salt for tests' };

/** Local time in Shanghai as an instant. */
export const local = (date: string, time: string): string => new Date(`${date}T${time}:00.000+08:00`).toISOString();

export const tierInputs = (of: Partial<TierInputs> = {}): TierInputs => ({
  dpd: 4,
  currency: 'CNY',
  unpaidMinimum: 50_000,
  minimumDue: 50_000,
  statementBalance: null,
  creditLimit: null,
  earlierEpisodes12m: 0,
  brokenEarlier6m: 0,
  recordedMonths: 6,
  rpcConversations: 0,
  promisedInEpisode: false,
  brokenInEpisode: 0,
  lastPromiseResult: null,
  lastLabel: null,
  lastDeferTo: null,
  paidInEpisode: 0,
  ...of,
});

/** DPD 0 of every example: 2026-11-01, a Sunday; DPD 1 is Monday 2026-11-02. */
export const dueDate = '2026-11-01';
export const dayOf = (dpd: number): string => `2026-11-${String(1 + dpd).padStart(2, '0')}`;

let ordinal = 0;
export const pastCall = (at: string, disposition: Disposition, of: Partial<PastCall> = {}): PastCall => {
  ordinal += 1;
  return {
    attemptId: `attempt-${ordinal}`,
    originatedAt: at,
    endedAt: at,
    phoneRef: 'phone-one',
    voice: 'F1',
    script: 'l-first',
    windowId: 'W1',
    tier: 'L',
    disposition,
    connected: false,
    rpc: false,
    ...of,
  };
};
export const talk = (at: string, of: Partial<PastCall> = {}): PastCall =>
  pastCall(at, 'no-promise', { connected: true, rpc: true, ...of });

export const planInputs = (dpd: number, of: Partial<PlanInputs> = {}): PlanInputs => ({
  at: local(dayOf(dpd), '06:00'),
  debtorId: 'debtor-one',
  intentId: 'intent-one',
  dpd,
  dueDate,
  graceDays: 3,
  tier: dpd <= 3 ? 'L' : dpd <= 5 ? 'M' : 'H',
  arm: 'champion',
  withinTolerance: false,
  handedOver: false,
  openPromise: false,
  claimChecking: false,
  stops: [],
  autopay: { on: false, nextTryAt: null },
  overrides: [],
  lastPaymentOn: null,
  calls: [],
  phones: [{ phoneRef: 'phone-one', order: 1, state: 'ok' }],
  advice: null,
  callbackAt: null,
  agreedWindows: [],
  chance,
  ...of,
});

export const adviceOf = (of: Partial<RedialAdvice>): RedialAdvice => ({
  rule: 'test',
  attemptId: 'attempt-0',
  phoneRef: 'phone-one',
  windowId: 'W1',
  endedAt: local(dayOf(2), '10:00'),
  notBefore: null,
  notBeforeDate: null,
  nextWindow: true,
  otherWindow: false,
  otherWording: false,
  otherTrunk: false,
  nextNumber: false,
  dayOver: false,
  doubtful: false,
  thirdParty: false,
  unconfirmed: false,
  barNumber: 'no',
  callbackAt: null,
  stop: null,
  handOver: null,
  alarm: false,
  ...of,
});

export const smsInputs = (at: string, dpd: number, of: Partial<SmsInputs> = {}): SmsInputs => ({
  at,
  debtorId: 'debtor-one',
  dpd,
  dueDate,
  graceDays: 3,
  tier: dpd <= 3 ? 'L' : dpd <= 5 ? 'M' : 'H',
  arm: 'champion',
  unpaid: true,
  withinTolerance: false,
  handedOver: false,
  stops: [],
  claimChecking: false,
  openPromise: null,
  firstReminderOn: dayOf(1),
  firstCall: { endedAt: local(dayOf(1), '14:30'), disposition: 'no-answer' },
  firstConversation: null,
  rpcInEpisode: false,
  calls: { attempts: 3, answered: false },
  callsToday: { attempts: 1, answered: false },
  agreedWindows: [],
  brokenInEpisode: false,
  lastLabel: null,
  done: [],
  unsolicitedToday: 0,
  asked: [],
  number: { doubtful: false, shared: false, lastAnsweredByThirdParty: false },
  chance,
  ...of,
});

/** One debtor, one account, the default strategy: what the dialer's tests start from. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DialogueResult, type LegOutcome, uuidv5 } from '@mora/contracts';
import { canonicalForm, loadStrategyFolder, type Strategy } from '@mora/strategy';
import type { DialerPlaybook } from '../commands.js';
import type { DialerConfig } from '../config.js';
import { dialing } from '../dialing/dialing.js';
import type { DayPlanned, DialingEvent } from '../dialing/events.js';
import type { AccountNote, Dialing } from '../dialing/records.js';

const folder = fileURLToPath(new URL('../../../../strategies/cn-early-delinquency/', import.meta.url));
const texts = (under: string): readonly (readonly [string, string])[] =>
  readdirSync(folder + under)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [under + name, readFileSync(folder + under + name, 'utf8')] as const);

const loaded = loadStrategyFolder(Object.fromEntries([...texts(''), ...texts('scripts/')]));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
export const strategy: Strategy = loaded.strategy;
export const strategyHash = loaded.hash;

/** As it was published. */
export const policyText = (hash: string): string | undefined =>
  hash === strategyHash ? canonicalForm(strategy) : undefined;

const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
export const DEBTOR = uuidv5(NAMESPACE, 'dialed debtor');
export const CASE = uuidv5(DEBTOR, 'case');

export const config: DialerConfig = {
  bank: { name: '示例银行', hotline: null },
  gatewayId: 'gw',
  chance: { saltId: 'salt-1', salt: 'a salt for tests' },
  zone: 'Asia/Shanghai',
};

export const playbook: DialerPlaybook = {
  ...config,
  strategyOf: (hash) => (hash === strategyHash ? strategy : undefined),
};

/** Local time in Shanghai as an instant. DPD 0 is 2026-11-01; DPD 2 is Tuesday 2026-11-03. */
export const local = (date: string, time: string): string => new Date(`${date}T${time}:00.000+08:00`).toISOString();

export const account = (of: Partial<AccountNote> = {}): AccountNote => ({
  currency: 'CNY',
  statementBalance: 300_000,
  paidSinceStatement: 0,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: '2026-11-01',
  cardTail: '1234',
  graceDays: 3,
  tolerance: null,
  bureauReportOn: null,
  autopay: { on: false, nextTryAt: null },
  offers: [],
  benefitsText: null,
  ...of,
});

export const known: readonly DialingEvent[] = [
  {
    type: 'DebtorNoted',
    data: {
      salutation: '先生',
      surname: 'enc:1:k:AAAA',
      phones: [
        { phoneRef: 'phone-ref-1', order: 1 },
        { phoneRef: 'phone-ref-2', order: 2 },
      ],
      agreedWindows: [],
    },
  },
  {
    type: 'AccountNoted',
    data: { caseId: CASE, accountId: 'acc-1', facts: account(), unpaidMinimum: 30_000 },
  },
  { type: 'TreatmentNoted', data: { caseId: CASE, treatmentId: 'treatment-1', experimentId: 'exp', arm: 'champion' } },
  { type: 'TierNoted', data: { caseId: CASE, tier: 'L', term: 'short', band: 'normal' } },
];

export const dialingOf = (events: readonly (DialingEvent | DayPlanned)[], at = local('2026-11-02', '05:00')): Dialing =>
  events.reduce((state, event) => dialing.evolve(state, event, at), dialing.initial);

export const outcome = (of: Partial<LegOutcome> = {}): LegOutcome => ({
  gateway: 'gw',
  incarnation: 'gw-1',
  trunk: 'trunk-1',
  numberShown: '4006',
  inviteAt: '2026-11-03T02:00:00.000Z',
  ringAt: '2026-11-03T02:00:03.000Z',
  answeredAt: null,
  endedAt: '2026-11-03T02:00:38.000Z',
  sipCode: 487,
  q850: null,
  hungUpBy: 'robot',
  announcement: null,
  amd: null,
  robotTalkMs: 0,
  debtorSpeechMs: 0,
  firstPromptDelayMs: null,
  connected: 'no',
  recordingRef: null,
  recordingHash: null,
  costUnits: 0,
  dialogue: null,
  ...of,
});

export const talked = (of: Partial<DialogueResult> = {}): DialogueResult => ({
  end: 'end-no-promise',
  disposition: 'no-promise',
  identity: 'confirmed',
  conversation: true,
  intents: [{ turn: 0, intent: 'yes' }],
  label: 'vague',
  labelTurns: [1],
  reason: 'not-said',
  flags: [],
  promise: null,
  deferTo: null,
  callbackAt: null,
  smsAsked: [],
  stops: [],
  claimedPaidOn: null,
  understoodTurns: 2,
  unclearTurns: 0,
  personalised: false,
  ...of,
});

import { businessDate, dpdOf } from '@mora/business-time';
import type { ContactContext } from '@mora/contracts';
import {
  compileScript,
  type Dialogue,
  type DialogueFacts,
  FactsMissing,
  type ScriptSource,
  speakable,
} from '@mora/dialogue';
import {
  type ChanceSource,
  callbackHours,
  callsMade,
  chooseVoice,
  chooseWording,
  floorAllows,
  graceEnd,
  inGrace,
  latestPromiseDate,
  leastPromise,
  moneyOf,
  type Strategy,
  toleranceOf,
  triedInVain,
  type VoiceChoice,
} from '@mora/strategy';
import { callsOfEpisode, isShared, type TieredCase } from '../dialing/facts.js';
import type { CaseNote, Dialing, QueuedDial } from '../dialing/records.js';
import type { Playbook } from '../playbook.js';

export interface PreparedCall {
  readonly context: ContactContext;
  readonly voice: VoiceChoice;
  readonly script: string;
  readonly scriptHash: string;
  readonly dialogue: Dialogue;
  readonly wordings: { promptId: string; wordingId: string; left: number }[];
  readonly accountIds: readonly string[];
}

export interface Preparation {
  readonly dial: QueuedDial;
  readonly at: string;
  readonly playbook: Playbook;
  readonly lead: TieredCase;
  readonly others: readonly CaseNote[];
  readonly bank: { readonly name: string; readonly hotline: string | null };
  readonly chance: ChanceSource;
}

const MOST_OTHERS = 3;

const lastConversationOn = (state: Dialing, zone: string): string | null => {
  const last = state.calls.findLast((one) => one.rpc);
  return last ? businessDate(last.endedAt, zone) : null;
};

/** The words say "these days". */
const onSeveralDays = (calls: Dialing['calls'], zone: string): boolean =>
  new Set(calls.map((one) => businessDate(one.originatedAt, zone))).size > 1;

const historyOf = (state: Dialing, lead: CaseNote, zone: string): DialogueFacts['history'] => {
  if (lead.overrides.findLast((one) => one.kind !== 'paid-check')?.kind === 'broken') return 'broken';
  if (lead.lastLabel === 'refuses') return 'refused';
  const calls = callsOfEpisode(state, lead);
  if (calls.some((one) => one.rpc)) return 'spoken';
  return triedInVain(callsMade(calls)) && onSeveralDays(calls, zone) ? 'never' : 'untold';
};

/** What the floors of the strategy let be said. */
const mayTell = (
  strategy: Strategy,
  of: { readonly dpd: number; readonly inGrace: boolean },
): DialogueFacts['mayTell'] => ({
  interest: floorAllows(strategy, 'interest', of),
  fee: floorAllows(strategy, 'fee', of),
  benefits: floorAllows(strategy, 'benefits', of),
  credit: floorAllows(strategy, 'credit', of),
  legal: floorAllows(strategy, 'legal', of),
});

/** What a call may speak of, as it is known now; what the bank did not say stays unspoken. */
export const dialogueFactsOf = (state: Dialing, p: Preparation): DialogueFacts => {
  const { lead, others, playbook, bank } = p;
  const { strategy } = playbook;
  const { facts } = lead;
  const today = businessDate(p.at, strategy.about.zone);
  const dpd = dpdOf(today, facts.dueDate);
  const grace = inGrace(strategy, today, facts.dueDate, facts.graceDays);
  return {
    bank: bank.name,
    salutation: state.debtor?.salutation ?? '',
    hotline: bank.hotline,
    tier: lead.tier.tier,
    term: lead.tier.term,
    callDate: today,
    timeZone: strategy.about.zone,
    tail: facts.cardTail,
    currency: facts.currency,
    money: moneyOf(strategy, facts.currency),
    unpaidMin: lead.unpaidMinimum,
    leastPromise: leastPromise(strategy, {
      unpaidMinimum: lead.unpaidMinimum,
      tolerance: toleranceOf(strategy, facts.currency, facts.tolerance),
    }),
    mayTell: mayTell(strategy, { dpd, inGrace: grace }),
    statement: facts.statementBalance,
    paid: facts.paidSinceStatement,
    dueDate: facts.dueDate,
    dpd,
    inGrace: grace,
    graceEnd: facts.graceDays === null ? null : graceEnd(strategy, facts.dueDate, facts.graceDays),
    callbackHours: callbackHours(strategy, { today, dueDate: facts.dueDate }),
    limitDate: latestPromiseDate(strategy, { today, dueDate: facts.dueDate, tier: lead.tier.tier }),
    interest: facts.interestToDate,
    lateFee: facts.lateFee,
    feesAsOf: facts.feesAsOf,
    bureauReportOn: facts.bureauReportOn,
    benefits: facts.benefitsText,
    offers: facts.offers.filter((offer) => speakable(offer) !== null).join('、') || null,
    others: others.slice(0, MOST_OTHERS).map(({ facts: { cardTail, currency }, unpaidMinimum }) => ({
      tail: cardTail,
      amount: unpaidMinimum,
      currency,
      money: moneyOf(strategy, currency),
    })),
    sharedNumber: isShared(state, p.dial.phoneRef),
    history: historyOf(state, lead, strategy.about.zone),
    lastConversationOn: lastConversationOn(state, strategy.about.zone),
    promised: lead.missed && { amount: lead.missed.amount, date: lead.missed.date },
    partPaid: lead.paidInEpisode > 0 ? lead.paidInEpisode : null,
    autopayTried: facts.autopay.on && (facts.autopay.nextTryAt === null || facts.autopay.nextTryAt <= p.at),
    seatFree: false,
    humanSlot: null,
  };
};

const contextOf = (state: Dialing, p: Preparation, script: string): ContactContext => {
  const { lead, playbook, at, dial } = p;
  const { zone } = playbook.strategy.about;
  const today = businessDate(at, zone);
  const calls = callsOfEpisode(state, lead);
  return {
    caseId: lead.caseId,
    accountId: lead.accountId,
    treatmentId: lead.treatment.treatmentId,
    businessDate: today,
    dpd: dpdOf(today, lead.facts.dueDate),
    tier: lead.tier.tier,
    term: lead.tier.term,
    stage: script,
    experimentId: lead.treatment.experimentId,
    arm: lead.treatment.arm,
    strategyHash: dial.strategyHash,
    channel: 'call',
    ordinalInEpisode: calls.length + 1,
    ordinalToday: state.calls.filter((one) => businessDate(one.originatedAt, zone) === today).length + 1,
  };
};

const compile = (state: Dialing, p: Preparation, source: ScriptSource) => {
  const left = new Map<string, number>();
  const dialogue = compileScript(source, dialogueFactsOf(state, p), {
    heard: (promptId) => state.wordings[promptId] ?? [],
    chooseWording: (promptId, wordingIds) => {
      const heard = state.wordings[promptId] ?? [];
      const choice = chooseWording({ promptId, wordingIds, heard, intentId: p.dial.attemptId, chance: p.chance });
      left.set(promptId, choice.left);
      return choice.wordingId;
    },
  });
  const wordings = Object.entries(dialogue.prompts).map(([promptId, prompt]) => ({
    promptId,
    wordingId: prompt.wordings[0]?.id ?? '',
    left: left.get(promptId) ?? 0,
  }));
  return { dialogue, wordings };
};

/** Conversations count for all accounts of a debtor; only of the one it was about it can be said that it was held. */
const spokenOf = (state: Dialing, lead: CaseNote): boolean =>
  callsOfEpisode(state, lead).some((one) => one.rpc && (one.caseId ?? lead.caseId) === lead.caseId);

/** The planned script first; where its facts are missing, the first script of the tier. */
const scriptsOf = (state: Dialing, { dial, lead, playbook }: Preparation): readonly string[] => {
  const { first, second } = playbook.strategy.dayPlan.scripts[lead.tier.tier];
  return dial.script === second && !spokenOf(state, lead) ? [first] : [...new Set([dial.script, first])];
};

/** Everything a call is made of: its voice, its wordings, its dialogue; null: no script can be spoken with these facts. */
export const prepareCall = (state: Dialing, p: Preparation): PreparedCall | null => {
  for (const script of scriptsOf(state, p)) {
    const source = p.playbook.scripts[script];
    if (!source) continue;
    try {
      const compiled = compile(state, p, source);
      return {
        ...compiled,
        script,
        scriptHash: compiled.dialogue.sourceHash,
        context: contextOf(state, p, script),
        voice: chooseVoice(p.playbook.strategy, { tier: p.lead.tier.tier, calls: state.calls }),
        accountIds: [p.lead.accountId, ...p.others.slice(0, MOST_OTHERS).map((one) => one.accountId)],
      };
    } catch (error) {
      if (!(error instanceof FactsMissing)) throw error;
    }
  }
  return null;
};

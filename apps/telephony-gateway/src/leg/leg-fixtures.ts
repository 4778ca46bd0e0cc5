import { type ContactContext, type TelephonyEvent, uuidv5 } from '@mora/contracts';
import { legIdOf } from './decisions.js';

type EventNamed<T extends TelephonyEvent['type']> = Extract<TelephonyEvent, { readonly type: T }>;

const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
export const DEBTOR = uuidv5(NAMESPACE, 'debtor');
export const ATTEMPT = uuidv5(NAMESPACE, 'attempt');

export const context: ContactContext = {
  caseId: uuidv5(NAMESPACE, 'case'),
  accountId: 'acc-1',
  treatmentId: uuidv5(NAMESPACE, 'treatment'),
  businessDate: '2026-11-02',
  dpd: 2,
  tier: 'L',
  term: 'short',
  stage: 'l-first',
  experimentId: 'exp',
  arm: 'champion',
  strategyHash: 'hash',
  channel: 'call',
  ordinalInEpisode: 1,
  ordinalToday: 1,
};

const ref = { attemptId: ATTEMPT, contactId: ATTEMPT, debtorId: DEBTOR, legId: legIdOf(ATTEMPT) };

export const accepted: EventNamed<'LegAccepted'> = {
  type: 'LegAccepted',
  data: {
    ...ref,
    context,
    phoneRef: 'phone-ref-1',
    gateway: 'gw',
    incarnation: 'gw-1',
    trunk: 'trunk-1',
    numberShown: '4006',
    permitHash: 'p',
    dialogueHash: 'd',
    voice: 'F1',
    acceptedAt: '2026-11-02T02:00:00.000Z',
    ringMaxSeconds: 35,
  },
};

export const answered: EventNamed<'LegAnswered'> = {
  type: 'LegAnswered',
  data: { ...ref, answeredAt: '2026-11-02T02:00:10.000Z', amd: null },
};

export const turnTaken = (index: number): EventNamed<'TurnTaken'> => ({
  type: 'TurnTaken',
  data: {
    ...ref,
    turn: {
      index,
      state: 'greet',
      promptId: 'opening.greet',
      wordingId: 'opening.greet.1',
      voice: 'F1',
      parametersHash: 'h',
      spoken: null,
      promptStartAt: '2026-11-02T02:00:10.000Z',
      promptEndAt: '2026-11-02T02:00:14.000Z',
      bargeIn: false,
      dtmf: null,
      heard: null,
      recogniser: 'simulated',
      model: 'm',
      confidence: 1,
      nBest: 0,
      candidates: [],
      threshold: 0.5,
      intent: 'yes',
      nluHash: 'n',
      nextState: 'remind',
      latencyMs: { recognise: 0, decide: 0, speak: 0 },
      prematureEndpoint: false,
    },
  },
});

export const ended: EventNamed<'LegEnded'> = {
  type: 'LegEnded',
  data: {
    ...ref,
    context,
    phoneRef: 'phone-ref-1',
    outcome: {
      gateway: 'gw',
      incarnation: 'gw-1',
      trunk: 'trunk-1',
      numberShown: '4006',
      inviteAt: '2026-11-02T02:00:00.000Z',
      ringAt: null,
      answeredAt: null,
      endedAt: '2026-11-02T02:00:35.000Z',
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
    },
  },
};

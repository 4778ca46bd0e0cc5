import { createHash } from 'node:crypto';
import type { DialogueResult, LegOutcome, OriginateRequest, TelephonyEvent, Turn } from '@mora/contracts';
import type { Dialogue } from '@mora/dialogue';
import type { DataKey, GatewayConfig, SealField } from '../config.js';
import type { AmdResult, CarrierAdapter } from '../outbound/carrier.js';
import type { SpokenTurn, Talk } from '../talk/talk.js';
import { legIdOf } from './decisions.js';

/** A leg that this process follows. Its events wait in `unwritten` for the next write, off the answer's path. */
export interface LiveLeg {
  readonly request: OriginateRequest;
  readonly dialogue: Dialogue;
  readonly key: DataKey | null;
  readonly inviteAt: string;
  ringAt: string | null;
  answeredAt: string | null;
  amd: AmdResult | null;
  talk: Talk | null;
  over: boolean;
  unwritten: TelephonyEvent[];
  writing: boolean;
}

export const legRefOf = (request: OriginateRequest) => ({
  attemptId: request.attemptId,
  contactId: request.contactId,
  debtorId: request.debtorId,
  legId: legIdOf(request.attemptId),
});

/** Names a permit in the leg's log without keeping it. */
export const permitHashOf = ({ permit }: OriginateRequest): string =>
  createHash('sha256').update(`${permit.contactId}|${permit.keyId}|${permit.signature}`).digest('hex');

type Line = Pick<GatewayConfig, 'gatewayId' | 'trunk' | 'numberShown' | 'incarnation'>;

export const acceptedOf = (
  request: OriginateRequest,
  line: Line,
  acceptedAt: string,
): Extract<TelephonyEvent, { type: 'LegAccepted' }>['data'] => ({
  ...legRefOf(request),
  context: request.context,
  phoneRef: request.phoneRef,
  gateway: line.gatewayId,
  incarnation: line.incarnation,
  trunk: line.trunk,
  numberShown: line.numberShown,
  permitHash: permitHashOf(request),
  dialogueHash: request.dialogueHash,
  voice: request.voice,
  acceptedAt,
  ringMaxSeconds: request.permit.ringMaxSeconds,
});

/** A turn as it is stored: what was said and heard is sealed with the debtor's key; an erased debtor leaves no words. */
export const turnOf = (
  leg: LiveLeg,
  spoken: SpokenTurn,
  how: {
    readonly seal: SealField;
    readonly recogniser: CarrierAdapter['recogniser'];
    readonly decideMs: number;
  },
): Turn => {
  const { part } = spoken;
  const { debtorId, attemptId, voice } = leg.request;
  const sealed = (field: string, text: string | null): string | null =>
    text === null || leg.key === null
      ? null
      : how.seal(leg.key, { debtorId, stream: `leg-${attemptId}`, field: `turn.${part.index}.${field}` }, text);
  return {
    index: part.index,
    state: part.state,
    promptId: part.promptId,
    wordingId: part.wordingId,
    voice,
    parametersHash: part.parametersHash,
    spoken: sealed('spoken', part.spoken),
    promptStartAt: spoken.promptStartAt,
    promptEndAt: spoken.promptEndAt,
    bargeIn: spoken.bargeIn,
    dtmf: part.dtmf,
    heard: sealed('heard', spoken.heard),
    recogniser: how.recogniser.name,
    model: how.recogniser.model,
    confidence: part.confidence,
    nBest: part.nBest,
    candidates: [...part.candidates],
    threshold: how.recogniser.threshold,
    intent: part.intent,
    nluHash: how.recogniser.nluHash,
    nextState: part.nextState,
    latencyMs: { recognise: 0, decide: how.decideMs, speak: 0 },
    prematureEndpoint: false,
  };
};

export interface LegEnd {
  readonly at: string;
  readonly hungUpBy: LegOutcome['hungUpBy'];
  readonly sipCode: number | null;
  readonly q850: number | null;
  readonly announcement: string | null;
  readonly dialogue: DialogueResult | null;
}

const connectedOf = (amd: AmdResult | null): LegOutcome['connected'] =>
  amd === null ? 'no' : amd.result === 'doubt' ? 'doubt' : 'yes';

export const outcomeOf = (leg: LiveLeg, line: Line, end: LegEnd, firstPromptDelayMs: number): LegOutcome => ({
  gateway: line.gatewayId,
  incarnation: line.incarnation,
  trunk: line.trunk,
  numberShown: line.numberShown,
  inviteAt: leg.inviteAt,
  ringAt: leg.ringAt,
  answeredAt: leg.answeredAt,
  endedAt: end.at,
  sipCode: end.sipCode,
  q850: end.q850,
  hungUpBy: end.hungUpBy,
  announcement: end.announcement,
  amd: leg.amd,
  robotTalkMs: leg.talk?.robotTalkMs ?? 0,
  debtorSpeechMs: leg.talk?.debtorSpeechMs ?? 0,
  firstPromptDelayMs: leg.talk ? firstPromptDelayMs : null,
  connected: connectedOf(leg.amd),
  recordingRef: null,
  recordingHash: null,
  costUnits: leg.answeredAt === null ? 0 : Math.ceil((Date.parse(end.at) - Date.parse(leg.answeredAt)) / 60_000),
  dialogue: end.dialogue,
  ...(leg.talk ? { wordingsSpoken: [...leg.talk.wordings] } : {}),
});

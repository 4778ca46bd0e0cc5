import { WALL } from '@mora/service';
import {
  answerCall,
  beginTalk,
  type CallCourse,
  type CarrierRecord,
  heardOf,
  type Persona,
  personaOf,
  reply,
  type TalkMemory,
} from '@mora/simulation';
import { Inject, Injectable } from '@nestjs/common';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config.js';
import type { CarrierAdapter, CarrierCall, LineEvent, LineInput, LineSink, MadeCall, Utterance } from '../carrier.js';
import { CARRIER_BOOK, type CarrierBook, type OpenCarrierBook } from './carrier-book.js';

/** Length of spoken Chinese, and the shortest line. */
const MS_PER_CHARACTER = 190;
const SHORTEST_LINE_MS = 500;
const AMD_VERSION = 'simulated-1';

interface Line {
  readonly call: CarrierCall;
  readonly course: CallCourse;
  readonly ordinal: number;
  persona: Persona | null;
  memory: TalkMemory | null;
  next: LineEvent | null;
}

const plus = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/** A carrier whose subscribers are invented debtors: each call's course is computed, and told when the clock has passed it. */
@Injectable()
export class SimulatedCarrier implements CarrierAdapter {
  readonly kind = 'simulated';
  readonly recogniser = { name: 'simulated', model: 'persona-1', nluHash: 'simulated-1', threshold: 0.5 };
  private readonly lines = new Map<string, Line>();
  private sink: LineSink = () => undefined;
  private book: CarrierBook | null = null;

  private readonly seed: number | string;

  constructor(
    @Inject(GATEWAY_CONFIG) { simulated }: Pick<GatewayConfig, 'simulated'>,
    @Inject(CARRIER_BOOK) private readonly openBook: OpenCarrierBook,
    @Inject(WALL) private readonly wallMs: () => number,
  ) {
    this.seed = simulated.seed;
  }

  async open(): Promise<void> {
    this.book = await this.openBook();
  }

  made(): Iterable<MadeCall> {
    return this.book?.made() ?? [];
  }

  connect(sink: LineSink): void {
    this.sink = sink;
  }

  invite(call: CarrierCall): void {
    const { seed } = this;
    const { ordinals } = this.book!;
    const ordinal = (ordinals.get(call.debtorId) ?? 0) + 1;
    ordinals.set(call.debtorId, ordinal);
    this.record('invite', call, call.inviteAt, { ordinal });
    const { debtorId, phoneIndex } = call;
    const course = answerCall({ seed, debtorId, ordinal, at: call.inviteAt, phoneIndex });
    const line: Line = { call, course, ordinal, persona: null, memory: null, next: null };
    const firstAt = plus(call.inviteAt, course.postDialSeconds * 1000);
    line.next = course.ringSeconds > 0 ? { kind: 'ringing', at: firstAt } : failed(course, firstAt);
    this.lines.set(call.attemptId, line);
  }

  say(attemptId: string, utterance: Utterance): void {
    const line = this.lines.get(attemptId);
    if (!line?.memory || !line.persona) return;
    const length = utterance.text === '' ? 0 : Math.max(SHORTEST_LINE_MS, utterance.text.length * MS_PER_CHARACTER);
    const promptEndAt = plus(utterance.at, length);
    if (utterance.last) {
      line.next = { kind: 'spoken', at: promptEndAt };
      return;
    }
    const answer = reply(line.persona, line.memory, {
      state: utterance.state,
      expectedIntents: utterance.expected,
      globals: utterance.globals,
      promptId: utterance.promptId,
      turnIndex: utterance.turnIndex,
      facts: {
        today: utterance.facts.callDate,
        limitDate: utterance.facts.limitDate,
        unpaidMinimum: utterance.facts.unpaidMinimum,
        statementBalance: utterance.facts.statementBalance,
        at: promptEndAt,
      },
    });
    line.memory = answer.memory;
    line.next = inputEvent(answer.reply, utterance, promptEndAt);
  }

  cancel(attemptId: string, at: string): void {
    const line = this.lines.get(attemptId);
    if (!line) return;
    this.record('cancel', line.call, at);
    this.end(line, at, 487);
  }

  hangup(attemptId: string, at: string): void {
    const line = this.lines.get(attemptId);
    if (line) this.end(line, at, 200);
  }

  advance(now: string): void {
    for (let due = this.earliest(); due?.next && due.next.at <= now; due = this.earliest()) {
      const event = due.next;
      due.next = null;
      this.happen(due, event);
    }
  }

  nextAt(): string | null {
    return this.earliest()?.next?.at ?? null;
  }

  close(): void {
    this.book?.log.close();
  }

  private earliest(): Line | null {
    let first: Line | null = null;
    for (const line of this.lines.values())
      if (line.next && (!first?.next || before(line.next.at, line.call.attemptId, first.next.at, first.call.attemptId)))
        first = line;
    return first;
  }

  private happen(line: Line, event: LineEvent): void {
    const { call, course } = line;
    if (event.kind === 'ringing') {
      this.record('ringing', call, event.at);
      line.next = afterRinging(course, call.ringMaxSeconds, event.at);
    }
    if (event.kind === 'answered') {
      line.persona = personaOf(this.seed, call.debtorId);
      line.memory = beginTalk(line.persona, line.ordinal, course.who ?? 'stranger');
      this.record('answer', call, event.at, { who: course.who ?? 'stranger' });
    }
    if (event.kind === 'failed') {
      if (event.cancelled) this.record('cancel', call, event.at);
      this.end(line, event.at, event.sipCode ?? 0);
    }
    this.sink(call.attemptId, event);
  }

  private end(line: Line, at: string, sipCode: number): void {
    this.lines.delete(line.call.attemptId);
    this.record('end', line.call, at, { sipCode, ...(line.memory ? { heard: heardOf(line.memory) } : {}) });
  }

  private record(
    kind: CarrierRecord['kind'],
    call: CarrierCall,
    businessAt: string,
    more: Partial<Pick<CarrierRecord, 'ordinal' | 'who' | 'sipCode' | 'heard'>> = {},
  ): void {
    const { attemptId, debtorId, number } = call;
    const wallAt = new Date(this.wallMs()).toISOString();
    this.book!.log.append({ kind, attemptId, debtorId, number, businessAt, wallAt, ...more });
  }
}

const before = (at: string, id: string, otherAt: string, otherId: string): boolean =>
  at < otherAt || (at === otherAt && id < otherId);

const failed = (course: CallCourse, at: string): LineEvent => ({
  kind: 'failed',
  at,
  sipCode: course.sipCode,
  q850: course.q850,
  announcement: course.announcement,
  cancelled: false,
});

const afterRinging = (course: CallCourse, ringMaxSeconds: number, ringAt: string): LineEvent => {
  if (course.ringSeconds > ringMaxSeconds) {
    const at = plus(ringAt, ringMaxSeconds * 1000);
    return { kind: 'failed', at, sipCode: 487, q850: null, announcement: null, cancelled: true };
  }
  const at = plus(ringAt, course.ringSeconds * 1000);
  if (!course.answered) return failed(course, at);
  const amd = course.amd ?? { result: 'doubt', confidence: 0 };
  return { kind: 'answered', at, amd: { ...amd, version: AMD_VERSION } };
};

const inputEvent = (
  answer: ReturnType<typeof reply>['reply'],
  utterance: Utterance,
  promptEndAt: string,
): LineEvent => {
  switch (answer.kind) {
    case 'hangup': {
      const at = plus(utterance.at, answer.afterMs);
      return { kind: 'input', at, promptEndAt: at < promptEndAt ? at : promptEndAt, input: { kind: 'hangup' } };
    }
    case 'silence':
      return { kind: 'input', at: plus(promptEndAt, utterance.silenceMs), promptEndAt, input: { kind: 'silence' } };
    case 'said': {
      const { intent, confidence, text, slots, thinkMs, speakMs } = answer;
      const input: LineInput = { kind: 'heard', intent, confidence, text, slots, speakMs, bargeIn: false };
      return { kind: 'input', at: plus(promptEndAt, thinkMs + speakMs), promptEndAt, input };
    }
    default: {
      const never: never = answer;
      return never;
    }
  }
};

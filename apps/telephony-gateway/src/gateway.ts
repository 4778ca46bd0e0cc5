/**
 * The gateway: grants lines on clock ticks, takes each attempt at most once, and follows it to its end. LegAccepted is
 * committed before the INVITE; what happens afterwards is written behind the line, never in the way of an answer.
 */
import { type DestinationList, destinationList, destinationOf, isListed, REACHABLE_BY_CALL } from '@mora/contact-rules';
import type {
  GatewayApi,
  LegFate,
  OriginateReply,
  OriginateRequest,
  SlotGrant,
  SlotRequest,
  TelephonyEvent,
} from '@mora/contracts';
import type { Dialogue } from '@mora/dialogue';
import { type Activity, type Clock, type Command, TICK_SECONDS } from '@mora/eventing';
import { isNumberOf } from '@mora/keys';
import { ACTIVITY, CLOCK, EventCore, LOG, PORTS, type Ports, Retry, WALL } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { Slots } from './capacity/slots.js';
import { type DataKey, GATEWAY_CONFIG, type GatewayConfig, SEAL_FIELD, type SealField } from './config.js';
import { LegFollowed } from './errors.js';
import { acceptLeg, fateOf, findLeg, loseLeg, noteLine, refuseAccepted, settleLeg } from './leg/decisions.js';
import type { Leg } from './leg/leg.js';
import { legCommand } from './leg/leg-command.js';
import { acceptedOf, type LegEnd, type LiveLeg, legRefOf, outcomeOf, turnOf } from './leg/live-leg.js';
import { CARRIER, type CarrierAdapter, type LineEvent, type MadeCall } from './outbound/carrier.js';
import { beginTalk, FIRST_PROMPT_MS, finishTalk, hear, revokeTalk, type TalkStep } from './talk/talk.js';

/** A machine hears nothing of us: hung up this long after the answer. */
const MACHINE_HANGUP_MS = 1_500;
const WRITE_TRIES = { tries: 8, firstMs: 100, mayPass: () => true };

const plusMs = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

@Injectable()
export class TelephonyGateway implements GatewayApi {
  private readonly live = new Map<string, LiveLeg>();
  /** Attempts between their request and their INVITE, with the reason to give them up if one came meanwhile. */
  private readonly starting = new Map<string, { hangup: string | null }>();
  private readonly slots: Slots;
  private readonly tickMs: number;
  private readonly destinations: DestinationList;
  private lastTickMs: number;
  private unsubscribe: (() => void) | null = null;

  constructor(
    private readonly core: EventCore,
    @Inject(CARRIER) private readonly carrier: CarrierAdapter,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    @Inject(SEAL_FIELD) private readonly seal: SealField,
    @Inject(PORTS) private readonly ports: Pick<Ports, 'intake'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ACTIVITY) private readonly activity: Activity,
    @Inject(WALL) private readonly wallMs: () => number,
    private readonly retry: Retry,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.destinations = config.destinations ?? destinationList(REACHABLE_BY_CALL);
    this.slots = new Slots(config, { gatewayId: config.gatewayId, trunk: config.trunk });
    this.tickMs = clock.anchor.kind === 'stepped' ? TICK_SECONDS * 1000 : 1000;
    this.lastTickMs = this.floorToTick(clock.now());
    carrier.connect((attemptId, event) => this.onLine(attemptId, event));
  }

  start(): void {
    this.unsubscribe ??= this.clock.onTick((now) => this.tick(now));
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.slots.close();
    await this.carrier.close();
  }

  /** Whether a call is open or on its way to the carrier. */
  get isTalking(): boolean {
    return this.legs() > 0 || this.starting.size > 0;
  }

  /** The next tick at which a leg moves on or somebody waits for a line; null: neither. */
  nextTick(): string | null {
    const next = Math.max(this.lastTickMs, this.floorToTick(this.clock.now())) + this.tickMs;
    if (this.slots.waiting > 0) return iso(next);
    const at = this.carrier.nextAt();
    if (at === null) return null;
    return iso(Math.max(next, Math.ceil(Date.parse(at) / this.tickMs) * this.tickMs));
  }

  /** First every leg moves on to the tick, then the freed lines are granted. */
  tick(now: string): void {
    const at = this.floorToTick(now);
    if (at <= this.lastTickMs) return;
    const seconds = Math.min(this.tickMs, at - this.lastTickMs) / 1000;
    this.lastTickMs = at;
    this.carrier.advance(iso(at));
    const granted = this.slots.grant({ at: iso(at), seconds, legs: this.legs(), wallMs: this.wallMs() });
    if (granted === 0) return;
    // The asker goes on in its own turn of the event loop: until then the clock must not see quiet.
    const end = this.activity.begin();
    setImmediate(end);
  }

  requestSlot(request: SlotRequest): Promise<SlotGrant> {
    return this.slots.request(request);
  }

  async releaseSlot(attemptId: string): Promise<void> {
    this.slots.release(attemptId);
  }

  async originate(request: OriginateRequest): Promise<OriginateReply> {
    const { attemptId } = request;
    if (this.starting.has(attemptId) || this.live.has(attemptId)) return refused('already originated');
    const end = this.activity.begin();
    const begun = { hangup: null };
    this.starting.set(attemptId, begun);
    try {
      const problem = this.problemOf(request);
      if (problem !== null) return refused(problem);
      return await this.begin(request, begun);
    } finally {
      this.starting.delete(attemptId);
      this.slots.use(attemptId);
      end();
    }
  }

  async hangup(attemptId: string, why: string): Promise<void> {
    const begun = this.starting.get(attemptId);
    if (begun) begun.hangup ??= why;
    const found = this.live.get(attemptId);
    if (!found || found.over) return;
    const now = this.clock.now();
    if (found.answeredAt === null) {
      this.carrier.cancel(attemptId, now);
      this.endLeg(found, { ...CANCELLED, at: now, hungUpBy: 'revoked' });
    } else if (found.talk) found.talk = revokeTalk(found.talk, why);
  }

  async settle(attemptId: string, debtorId: string): Promise<LegFate> {
    if (this.follows(attemptId)) return 'open';
    const state = await this.change(attemptId, debtorId, (found) => settleLeg({ attemptId, debtorId }, found));
    return fateOf(state);
  }

  /** A leg that was open when the gateway went down is lost: what followed its last turn is not known. */
  async lose(attemptId: string, debtorId: string): Promise<void> {
    if (this.follows(attemptId)) return;
    await this.change(attemptId, debtorId, (found) => loseLeg(this.config.incarnation, found));
  }

  /** A call that the carrier knows and this gateway does not. */
  async find(call: MadeCall, by: string): Promise<void> {
    await this.change(call.attemptId, call.debtorId, (state) => findLeg({ ...call, by }, state));
  }

  private follows(attemptId: string): boolean {
    return this.live.has(attemptId) || this.starting.has(attemptId);
  }

  /** @throws LegFollowed when it is decided while the call is still followed: its timer stays due, or nobody would find it after a crash */
  loseCommand(attemptId: string, debtorId: string): Command {
    return legCommand(attemptId, debtorId, (found) => {
      const lost = loseLeg(this.config.incarnation, found);
      if (lost.length > 0 && this.follows(attemptId)) throw new LegFollowed(attemptId);
      return lost;
    });
  }

  private problemOf(request: OriginateRequest): string | null {
    const { permit, attemptId, contactId, debtorId, phoneRef, dialogue, dialogueHash } = request;
    if (!this.slots.has(attemptId)) return 'no slot';
    if (permit.contactId !== contactId || contactId !== attemptId) return 'permit of another contact';
    if (permit.debtorId !== debtorId || permit.phoneRef !== phoneRef) return 'permit of another debtor or number';
    if (permit.channel !== 'call' || permit.gatewayId !== this.config.gatewayId) return 'permit of another gateway';
    if (!isDialogue(dialogue) || dialogue.hash !== dialogueHash) return 'dialogue of another hash';
    return this.permitProblem(request);
  }

  private permitProblem({ permit }: OriginateRequest): string | null {
    const wallAt = iso(this.wallMs());
    if (this.core.isClockOff) return 'clock is off';
    if (permit.startNotAfter <= wallAt) return 'permit expired';
    if (permit.endBy <= this.clock.now()) return 'too late for the permit';
    return this.config.verifyPermit(permit, wallAt);
  }

  private async begin(request: OriginateRequest, begun: { readonly hangup: string | null }): Promise<OriginateReply> {
    const { attemptId, debtorId } = request;
    const key = await this.ports.intake.unwrap(debtorId);
    if (key === null) return this.refuseForEver(request, 'no key of the debtor');
    if (!isNumberOf(key.key, request.number, request.permit.phoneRef))
      return this.refuseForEver(request, 'number of another permit');
    if (!isListed(this.destinations, destinationOf(request.number)))
      return this.refuseForEver(request, 'destination not on the list');
    const acceptedAt = this.clock.now();
    let taken = false;
    const accepted = acceptedOf(request, this.config, acceptedAt);
    const state = await this.change(attemptId, debtorId, (found) => {
      const events = acceptLeg(accepted, found);
      taken = events.length > 0;
      return events;
    });
    if (!taken) return refused(state.status === 'refused' ? 'tombstone' : 'already originated');
    const stop = begun.hangup ?? this.permitProblem(request);
    if (stop !== null) {
      await this.change(attemptId, debtorId, (found) => refuseAccepted(stop, found));
      return refused(stop);
    }
    this.invite(request, key, acceptedAt);
    return { result: 'accepted', legId: accepted.legId, trunk: accepted.trunk, acceptedAt };
  }

  /** What was asked for cannot become right by asking again. */
  private async refuseForEver({ attemptId, debtorId }: OriginateRequest, because: string): Promise<OriginateReply> {
    const state = await this.change(attemptId, debtorId, (found) => settleLeg({ attemptId, debtorId }, found, because));
    return refused(state.status === 'refused' ? because : 'already originated');
  }

  private invite(request: OriginateRequest, key: DataKey, inviteAt: string): void {
    const { attemptId, debtorId, number, phoneIndex = 0, permit } = request;
    this.live.set(attemptId, {
      request,
      dialogue: request.dialogue as Dialogue,
      key,
      inviteAt,
      ringAt: null,
      answeredAt: null,
      amd: null,
      talk: null,
      over: false,
      unwritten: [],
      writing: false,
    });
    const { trunk } = this.config;
    try {
      this.carrier.invite({
        attemptId,
        debtorId,
        number,
        phoneIndex,
        trunk,
        inviteAt,
        ringMaxSeconds: permit.ringMaxSeconds,
      });
    } catch (error) {
      // Whether the INVITE left is not known: the leg is lost, never repeated.
      this.log.warn({ attemptId, error: String(error) }, 'the carrier failed at the INVITE');
      this.live.delete(attemptId);
      void this.lose(attemptId, debtorId).catch(() => undefined);
    }
  }

  private onLine(attemptId: string, event: LineEvent): void {
    const found = this.live.get(attemptId);
    if (!found || found.over) return;
    switch (event.kind) {
      case 'ringing':
        found.ringAt = event.at;
        return;
      case 'answered':
        return this.onAnswer(found, event);
      case 'input': {
        if (!found.talk) return;
        const began = performance.now();
        const { threshold } = this.carrier.recogniser;
        const stepped = hear(found.talk, { ...event, threshold });
        return this.goOn(found, stepped, event.at, began);
      }
      case 'spoken':
        return found.talk ? this.goOn(found, finishTalk(found.talk, event.at), event.at, performance.now()) : undefined;
      case 'failed': {
        const { at, sipCode, q850, announcement, cancelled } = event;
        return this.endLeg(found, {
          at,
          sipCode,
          q850,
          announcement,
          hungUpBy: cancelled ? 'robot' : 'carrier',
          dialogue: null,
        });
      }
      default: {
        const never: never = event;
        return never;
      }
    }
  }

  private onAnswer(found: LiveLeg, { at, amd }: Extract<LineEvent, { kind: 'answered' }>): void {
    const { attemptId, permit, name = '' } = found.request;
    found.answeredAt = at;
    found.amd = amd;
    this.write(found, { type: 'LegAnswered', data: { ...legRefOf(found.request), answeredAt: at, amd } });
    if (amd.result === 'machine') {
      const endedAt = plusMs(at, MACHINE_HANGUP_MS);
      this.carrier.hangup(attemptId, endedAt);
      return this.endLeg(found, { ...ANSWERED, at: endedAt, hungUpBy: 'robot', dialogue: null });
    }
    const { talk, utterance } = beginTalk(found.dialogue, { name, answeredAt: at, endBy: permit.endBy });
    found.talk = talk;
    this.carrier.say(attemptId, utterance);
  }

  private goOn(found: LiveLeg, stepped: TalkStep, at: string, began: number): void {
    const { attemptId } = found.request;
    found.talk = stepped.talk;
    if (stepped.utterance) this.carrier.say(attemptId, stepped.utterance);
    const decideMs = Math.round((performance.now() - began) * 100) / 100;
    for (const spoken of stepped.turns) {
      const turn = turnOf(found, spoken, { seal: this.seal, recogniser: this.carrier.recogniser, decideMs });
      this.write(found, { type: 'TurnTaken', data: { ...legRefOf(found.request), turn } });
    }
    if (!stepped.over) return;
    const { by, result } = stepped.over;
    this.carrier.hangup(attemptId, at);
    this.endLeg(found, { ...ANSWERED, at, hungUpBy: by, dialogue: result });
  }

  private endLeg(found: LiveLeg, end: LegEnd): void {
    found.over = true;
    const { context, phoneRef } = found.request;
    const outcome = outcomeOf(found, this.config, end, FIRST_PROMPT_MS);
    this.write(found, { type: 'LegEnded', data: { ...legRefOf(found.request), context, phoneRef, outcome } });
  }

  /** Write-behind: what happens in one turn of the event loop is written together. */
  private write(found: LiveLeg, event: TelephonyEvent): void {
    found.unwritten.push(event);
    if (found.writing) return;
    found.writing = true;
    const end = this.activity.begin();
    setImmediate(() => void this.flush(found).finally(end));
  }

  private async flush(found: LiveLeg): Promise<void> {
    const { attemptId, debtorId } = found.request;
    const keyId = found.key?.keyId ?? null;
    while (found.unwritten.length > 0) {
      try {
        await this.retry.run(async () => {
          const batch = [...found.unwritten];
          await this.change(attemptId, debtorId, (state) => noteLine(batch, state), keyId);
          found.unwritten = found.unwritten.slice(batch.length);
        }, WRITE_TRIES);
      } catch (error) {
        this.log.warn({ attemptId, error: String(error) }, 'a leg could not be written; its timer will settle it');
        found.unwritten = [];
        found.over = true;
        this.carrier.hangup(attemptId, this.clock.now());
      }
    }
    found.writing = false;
    if (found.over) this.live.delete(attemptId);
  }

  private async change(
    attemptId: string,
    debtorId: string,
    decide: (state: Leg) => readonly TelephonyEvent[],
    keyId: string | null = null,
  ): Promise<Leg> {
    const decision = await this.core.execute(legCommand(attemptId, debtorId, decide, keyId));
    return decision.states[0] as Leg;
  }

  /** Attempts on their way to the INVITE still hold their slot and are counted there. */
  private legs(): number {
    let open = 0;
    for (const found of this.live.values()) if (!found.over) open += 1;
    return open;
  }

  private floorToTick(at: string): number {
    return Math.floor(Date.parse(at) / this.tickMs) * this.tickMs;
  }
}

const CANCELLED = { sipCode: 487, q850: null, announcement: null, dialogue: null };
const ANSWERED = { sipCode: 200, q850: 16, announcement: null };

const iso = (ms: number): string => new Date(ms).toISOString();

const refused = (because: string): OriginateReply => ({ result: 'refused', because });

const isDialogue = (value: unknown): value is Dialogue =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === 1 && 'hash' in value;

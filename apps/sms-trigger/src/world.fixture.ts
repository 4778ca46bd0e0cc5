/** A debtor's world for tests: foreign facts in, clock by hand, an SMSC, a guard and an intake that do as they are told. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type AuthorizeReply,
  type AuthorizeRequest,
  type EventEnvelope,
  type Permit,
  type SmsTrigger,
  schemaOf,
  shardOf,
} from '@mora/contracts';
import { type Activity, type Command, createActivity, MemoryStore, ShardWriter } from '@mora/eventing';
import { sealField } from '@mora/keys';
import { loadStrategyFolder, type Strategy } from '@mora/strategy';
import { OPEN_TIMER } from './messaging/messaging.js';
import type { SmscAdapter, SmscMessage, SmsSubmission, SubmitAnswer } from './outbound/smsc.js';
import { keepCommand, planCommand, type SmsServices } from './reactions/commands.js';
import { smsProcessor } from './reactions/on-facts.js';
import { Sender } from './sending/sender.js';

const folder = fileURLToPath(new URL('../../../strategies/cn-early-delinquency/', import.meta.url));
const texts = (under: string) =>
  readdirSync(folder + under)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [under + name, readFileSync(folder + under + name, 'utf8')] as const);
const loaded = loadStrategyFolder(Object.fromEntries([...texts(''), ...texts('scripts/')]));
if (!loaded.ok) throw new Error('the default strategy does not load');
export const strategy: Strategy = loaded.strategy;
export const HASH = loaded.hash;

export const DEBTOR = '6f2c1a34-0000-8000-8000-000000000001';
export const CASE = '6f2c1a34-0000-8000-8000-00000000000a';
export const OTHER_CASE = '6f2c1a34-0000-8000-8000-00000000000b';
export const PHONE = 'phone-one-ref';
export const SECOND_PHONE = 'phone-two-ref';
export const SHARDS = 4;
export const SHARD = shardOf(DEBTOR, SHARDS);
export const KEY = { keyId: 'k1', key: Buffer.alloc(32, 7) };

/** Due on Sunday 2026-11-01: DPD 1 is Monday 2026-11-02. */
export const day = (dpd: number): string => `2026-11-${String(1 + dpd).padStart(2, '0')}`;
export const local = (dpd: number, time: string): string => new Date(`${day(dpd)}T${time}:00.000+08:00`).toISOString();

export const accountFacts = (of: object = {}) => ({
  accountId: 'account-one',
  currency: 'CNY',
  statementBalance: 800_000,
  dueDate: '2026-11-01',
  cardTail: '1234',
  graceDays: 3,
  tolerance: null,
  cardActionOn: null,
  cardStatus: 'active',
  ...of,
});

export class FakeSmsc implements SmscAdapter {
  readonly submissions: SmsSubmission[] = [];
  answer: (submission: SmsSubmission) => Promise<SubmitAnswer> = async ({ smsId, segments }) => ({
    result: 'accepted',
    providerIds: [`p-${smsId}`],
    costUnits: segments,
  });
  submit(submission: SmsSubmission): Promise<SubmitAnswer> {
    this.submissions.push(submission);
    return this.answer(submission);
  }
  onReceipt(_listener: (message: SmscMessage) => void): void {}
  wantsTick(): string | null {
    return null;
  }
  tick(): void {}
  recover(): void {}
  close(): void {}
}

const WALL = Date.parse('2026-11-23T00:00:00.000Z');

export class World {
  readonly store = new MemoryStore('sms', SHARDS, () => WALL);
  readonly activity = createActivity();
  readonly requests: AuthorizeRequest[] = [];
  readonly warnings: string[] = [];
  verdict: (request: AuthorizeRequest) => AuthorizeReply | Promise<AuthorizeReply> = (request) => this.allowed(request);
  reveal: (permit: Permit) => Promise<string> = async () => '+8613800000001';
  /** What happens between the commit of an event and what follows it. */
  onEvent: (event: EventEnvelope) => void = () => undefined;
  private at = local(0, '12:00');
  private position = 0;
  private dead = false;
  private sending: Activity = createActivity();
  private died: () => void = () => undefined;
  private death = new Promise<void>(() => undefined);
  readonly writer: ShardWriter;
  readonly services: SmsServices;
  sender: Sender;

  constructor(readonly smsc: FakeSmsc = new FakeSmsc()) {
    this.writer = new ShardWriter({
      store: this.store,
      activity: this.activity,
      origin: {
        source: 'sms',
        shards: SHARDS,
        build: 'test',
        tzdata: 'test',
        clock: { kind: 'stepped', anchorId: 'test' },
        simulated: { version: '1', seed: '1' },
        now: () => this.at,
        wall: () => WALL,
        check: (type, data) => void schemaOf('sms', type)?.parse(data),
      },
    });
    this.services = {
      strategyOf: (hash) => (hash === HASH ? strategy : undefined),
      chance: { saltId: 's', salt: 'a salt for tests' },
      house: { bankName: '某某银行', hotline: '400-000-0000' },
      isParked: () => false,
    };
    this.sender = this.newSender();
    this.writer.onCommitted((events) => {
      for (const event of events) {
        this.onEvent(event);
        if (event.type !== 'SmsDrafted' && event.type !== 'DraftKept') continue;
        const { smsId } = event.data as { smsId: string };
        if (!this.dead) this.sender.start({ smsId, debtorId: event.subject, shard: event.shard });
      }
    });
  }

  allowed({ contactId, debtorId, phoneRef }: AuthorizeRequest, of: Partial<Permit> = {}): AuthorizeReply {
    const permit: Permit = {
      contactId,
      debtorId,
      phoneRef,
      channel: 'sms',
      gatewayId: 'smsc',
      startNotAfter: new Date(WALL + 15_000).toISOString(),
      ringMaxSeconds: 0,
      endBy: new Date(Date.parse(this.at) + 600_000).toISOString(),
      keyId: 'g',
      signature: 's',
      ...of,
    };
    return { result: 'allowed', permit };
  }

  private newSender(): Sender {
    this.sending = createActivity();
    this.death = new Promise((resolve) => {
      this.died = resolve;
    });
    return new Sender({
      execute: async (command) => {
        if (this.dead) return new Promise(() => undefined);
        return this.writer.execute(command);
      },
      guard: {
        authorize: async (request) => {
          this.requests.push(request);
          return this.verdict(request);
        },
      },
      intake: {
        reveal: (permit) => this.reveal(permit),
        unwrap: async () => KEY,
        numberKey: async () => null,
      },
      smsc: this.smsc,
      services: this.services,
      activity: this.sending,
      gatewayId: 'smsc',
      sender: '95500',
      wallMs: () => WALL,
      now: () => this.at,
      pause: async () => undefined,
      warn: (_fields, message) => this.warnings.push(message),
    });
  }

  /** From here on the process does nothing more: every command of the sender hangs for ever. */
  kill(): void {
    this.dead = true;
    this.died();
  }

  async restart(): Promise<void> {
    this.dead = false;
    this.sender = this.newSender();
    for (const { subject, shard } of await this.store.timersNamed(OPEN_TIMER))
      await this.sender.resume({ debtorId: subject, shard });
  }

  execute(command: Command) {
    return this.writer.execute(command);
  }

  /** A fact of another service, at an instant. */
  async tell(at: string, source: string, type: string, data: object): Promise<void> {
    if (at > this.at) await this.runUntil(at);
    this.position += 1;
    const perShard = type === 'StrategyActivated' || type.startsWith('Contacts');
    const event = {
      id: String(this.position),
      type,
      source,
      epoch: 1,
      shard: SHARD,
      position: this.position,
      stream: 'foreign',
      version: this.position,
      subject: perShard ? 'control' : DEBTOR,
      data,
      meta: { at },
      recordedAt: at,
    };
    const lead = smsProcessor(this.services).on[type]?.(event as never) ?? [];
    for (const command of Array.isArray(lead) ? lead : [lead]) await this.writer.execute(command as Command);
  }

  async runUntil(until: string): Promise<void> {
    for (;;) {
      const due = await this.store.nextTimer();
      if (due === null || due > until) break;
      if (due > this.at) this.at = due;
      for (const timer of await this.store.dueTimers(this.at, 100)) {
        const place = { debtorId: timer.subject, shard: timer.shard };
        const todo = timer.name === OPEN_TIMER ? keepCommand(place) : planCommand(this.services, place);
        await this.writer.fire(timer, [todo]);
      }
      await this.quiet();
      if (this.dead) return;
    }
    if (until > this.at) this.at = until;
    await this.quiet();
  }

  private async quiet(): Promise<void> {
    await this.activity.quiet();
    await Promise.race([this.sending.quiet(), this.death]);
  }

  async events(): Promise<readonly EventEnvelope[]> {
    return (await this.store.read({ shard: SHARD, after: { epoch: 1, position: 0 }, limit: 10_000 })).events;
  }

  async types(of: RegExp = /^Sms/): Promise<readonly string[]> {
    return (await this.events()).map((e) => e.type).filter((type) => of.test(type));
  }

  async last<T>(type: string): Promise<T | undefined> {
    return (await this.events()).findLast((e) => e.type === type)?.data as T | undefined;
  }

  sent(): readonly (readonly [trigger: SmsTrigger, at: string])[] {
    return this.smsc.submissions.map(({ trigger, at }) => [trigger, at] as const);
  }

  async receipt(smsId: string, at: string, error: string | null = null): Promise<void> {
    await this.runUntil(at);
    const message = { kind: 'receipt', smsId, debtorId: DEBTOR, providerId: `p-${smsId}`, at } as const;
    await this.sender.hear({ ...message, delivered: error === null, error: error ?? '' }, SHARD);
  }

  /** A case that is open, tiered and treated from DPD 1 on. */
  async open(of: OpenCase = {}): Promise<void> {
    for (const { source, type, data } of openingFacts(of)) await this.tell(local(1, '05:50'), source, type, data);
  }

  async call(at: string, of: object = {}, dialogue: object | null = null): Promise<void> {
    this.position += 1;
    const call = callData(at, CASE, `attempt-${this.position}`);
    await this.tell(at, 'dialer', 'CallEnded', { ...call, ...of, dialogue });
  }
}

interface OpenCase {
  readonly caseId?: string;
  readonly tier?: string;
  readonly facts?: object;
  readonly arm?: string;
}

export const openingFacts = ({ caseId = CASE, tier = 'L', facts = {}, arm = 'champion' }: OpenCase = {}) => {
  const account = accountFacts(facts);
  const about = { caseId, accountId: account.accountId };
  const surname = sealField(KEY, { debtorId: DEBTOR, stream: `debtor-${DEBTOR}`, field: 'surname' }, '王');
  const phones = [PHONE, SECOND_PHONE].map((phoneRef, order) => ({ phoneRef, order: order + 1 }));
  const fact = (source: string, type: string, data: object, subject = DEBTOR) => ({ source, type, data, subject });
  const debtor = [
    fact('tiering', 'StrategyActivated', { hash: HASH, name: 'x', at: local(1, '05:50'), by: 'test' }, 'control'),
    fact('intake', 'DebtorRecorded', { debtorId: DEBTOR, surname, salutation: '先生', phones }),
  ];
  return [
    ...(caseId === CASE ? debtor : []),
    fact('intake', 'CaseOpened', { ...about, facts: account, unpaidMinimum: 50_000 }),
    fact('tiering', 'TreatmentStarted', { ...about, treatmentId: caseId, experimentId: 'e', arm }),
    fact('tiering', 'AccountTiered', { ...about, tier, term: 'short' }),
  ];
};

/** A first call that nobody answered. */
export const callData = (at: string, caseId: string, attemptId = 'attempt-1') => ({
  attemptId,
  context: { caseId, tier: 'L' },
  phoneRef: PHONE,
  voice: 'F1',
  script: 'l-first',
  disposition: 'no-answer',
  connected: 'no',
  conversation: false,
  rightParty: false,
  endedAt: at,
  outcome: null,
  dialogue: null,
});

export const talked = { disposition: 'no-promise', connected: 'yes', conversation: true, rightParty: true } as const;

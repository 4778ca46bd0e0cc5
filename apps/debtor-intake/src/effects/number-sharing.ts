/**
 * Tells the debtors of a number how many they are, when one took it or left it. They live in other shards than he: so after
 * his own commit, and again by his timer until it is done.
 */
import type { DeepReadonly, EventEnvelope, Phone } from '@mora/contracts';
import { type Activity, append, type Command, command, streamId, type TimerRow } from '@mora/eventing';
import { numberKeyOf, phoneRefOf } from '@mora/keys';
import { ACTIVITY, ActsOutside, EventCore, LOG, Retry, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { INTAKE_CONFIG, type IntakeConfig } from '../config.js';
import { type Debtor, type DebtorEvent, debtorRef, NUMBERS_TIMER } from '../debtor/debtor.js';
import { countOf, hasNumber, joined, left, numberRowOf, sayShared, toTell } from '../debtor/numbers.js';
import { Keyring } from '../keys/keyring.js';
import { openNumber } from '../keys/sealed-debtor.js';
import { type NumberRow, numberRowKey } from '../outbound/intake-tables.js';

const TRIES = { tries: 3, firstMs: 100 };

@ActsOutside()
@Injectable()
export class NumberSharing implements ServicePart {
  private stopped = false;

  constructor(
    private readonly core: EventCore,
    private readonly keyring: Keyring,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'secrets'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
    private readonly retry: Retry,
    @Inject(LOG) private readonly log: Log,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  onCommitted(events: readonly EventEnvelope[]): void {
    for (const { type, subject } of events)
      if (type === 'NumbersMoved' || type === 'NumbersDeferred') this.begin(subject);
  }

  onTimer({ name, stream }: TimerRow): readonly Command[] {
    return name === NUMBERS_TIMER ? [deferNumbers(streamId(stream))] : [];
  }

  private begin(debtorId: string): void {
    if (this.stopped) return;
    const end = this.activity.begin();
    void this.retry
      .run(() => this.tell(debtorId), TRIES)
      .catch((error: unknown) =>
        this.log.warn({ error: String(error) }, 'debtors of a number were not told; a timer tries again'),
      )
      .finally(end);
  }

  private async tell(debtorId: string): Promise<void> {
    const { states } = await this.core.execute(onDebtor('look', debtorId, () => []));
    const debtor = states[0] as Debtor;
    if (debtor.status === 'unknown' || debtor.untold.length === 0) return;
    for (const phone of debtor.untold) await this.tellOf(debtorId, phone);
    const phoneRefs = debtor.untold.map(({ phoneRef }) => phoneRef);
    await this.core.execute(onDebtor('numbers-told', debtorId, () => [{ type: 'NumbersTold', data: { phoneRefs } }]));
  }

  /** An erased debtor's numbers cannot be read any more: nobody can be told. */
  private async tellOf(debtorId: string, phone: DeepReadonly<Phone>): Promise<void> {
    const key = await this.keyring.find(debtorId);
    if (key === null) return;
    const number = openNumber(debtorId, phone, key);
    const rowKey = numberRowKey(numberKeyOf(this.config.secrets.pepper, number));
    const row: { now: NumberRow } = { now: { debtors: [] } };
    await this.core.execute(
      keepPlace(debtorId, phone.phoneRef, rowKey, (now) => {
        row.now = now;
      }),
    );
    for (const other of toTell(row.now)) {
      const otherKey = await this.keyring.find(other);
      if (otherKey !== null) await this.core.execute(countDebtors(other, phoneRefOf(otherKey.key, number), rowKey));
    }
  }
}

const onDebtor = (name: string, debtorId: string, decide: (state: Debtor) => readonly DebtorEvent[]): Command => {
  const stream = debtorRef(debtorId);
  return command({
    name,
    subject: debtorId,
    streams: [stream],
    cause: `cmd:${name}/${debtorId}`,
    decide: ([state]) => decide(state).map((event) => append(stream, event)),
  });
};

const deferNumbers = (debtorId: string): Command =>
  onDebtor('defer-numbers', debtorId, (state) =>
    state.status === 'recorded' && state.untold.length > 0 ? [{ type: 'NumbersDeferred', data: {} }] : [],
  );

/** The row names him exactly while he has the number. */
const keepPlace = (debtorId: string, phoneRef: string, rowKey: string, seen: (row: NumberRow) => void): Command => {
  const stream = debtorRef(debtorId);
  return command({
    name: 'keep-place',
    subject: debtorId,
    streams: [stream],
    sideKeys: [rowKey],
    cause: `cmd:keep-place/${debtorId}`,
    decide: ([state], { side }) => {
      const row = numberRowOf(side(rowKey));
      const now = hasNumber(state, phoneRef) ? joined(row, debtorId) : left(row, debtorId);
      seen(now);
      return { events: [], side: now === row ? [] : [{ key: rowKey, row: now }] };
    },
  });
};

/** How many they are, as it is under the lock of the number's row. */
const countDebtors = (debtorId: string, phoneRef: string, rowKey: string): Command => {
  const stream = debtorRef(debtorId);
  return command({
    name: 'count-debtors',
    subject: debtorId,
    streams: [stream],
    sideKeys: [rowKey],
    cause: `cmd:count-debtors/${debtorId}`,
    decide: ([state], { side }) => {
      const row = numberRowOf(side(rowKey));
      if (!row.debtors.includes(debtorId) || !hasNumber(state, phoneRef)) return [];
      return sayShared(state, { debtorId, phoneRef, debtors: countOf(row) }).map((event) => append(stream, event));
    },
  });
};

/**
 * Every record of every channel goes through here, one after the other in the order given, many to a transaction. What
 * cannot be taken is parked; a database that is away is waited for.
 */

import { businessDate } from '@mora/business-time';
import { caseIdOf, type DebtorId } from '@mora/contracts';
import { type Activity, type Clock, CommandRefused, StoreUnavailable, type Trace, traced } from '@mora/eventing';
import { debtorIdOf, type FieldKey, numberKeyOf, phoneRefOf, recordHashOf } from '@mora/keys';
import { ACTIVITY, CLOCK, EventCore, LOG, TRACE } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { isAhead } from '../bank/bank.js';
import { kindOf } from '../bank-record/columns.js';
import type { Frame } from '../bank-record/frame.js';
import type { BankRecord, DebtorContent, Problem, RawRecord } from '../bank-record/record.js';
import { BANK_ZONE, type Validated, validate } from '../bank-record/validate.js';
import { type Case } from '../case/case.js';
import { INTAKE_CONFIG, type IntakeConfig } from '../config.js';
import { type Debtor, holds } from '../debtor/debtor.js';
import { Keyring } from '../keys/keyring.js';
import { sealDebtor } from '../keys/sealed-debtor.js';
import {
  type AccountRow,
  accountKey,
  INTAKE_TABLES,
  type SideTable,
  type TakenRow,
  takenKey,
} from '../outbound/intake-tables.js';
import {
  type AccountArrival,
  LOOK_AGAIN,
  leaveDebtor,
  moveMoney,
  postThrough,
  type Report,
  recordAccount,
  refuseTie,
} from './commands.js';
import { ContentMemory } from './content-memory.js';
import type { Inbound, Outcome } from './outcome.js';
import { isPaymentUnknown, ParkedInputs } from './parked-inputs.js';
import { nextWave, type Waiting } from './waves.js';

interface Arrived {
  readonly input: Inbound;
  readonly traceparent: string | null;
}

interface Submission extends Arrived {
  readonly park: boolean;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

type Refused = { readonly result: 'refused'; readonly problems: readonly Problem[] };
type Taken = Exclude<Outcome, { result: 'parked' }>;
type Verdict = Taken | Refused | { readonly result: 'look-again'; readonly problems: readonly Problem[] };

const CHUNK = 500;
const LOOKS = 4;

@Injectable()
export class RecordIntake {
  private readonly queue: Submission[] = [];
  private draining = false;
  private readonly contents = new ContentMemory();

  constructor(
    private readonly core: EventCore,
    @Inject(INTAKE_TABLES) private readonly table: SideTable,
    private readonly keyring: Keyring,
    private readonly parked: ParkedInputs,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'secrets' | 'patienceMs' | 'exactIds'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ACTIVITY) private readonly activity: Activity,
    @Inject(TRACE) private readonly trace: Trace,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @throws StoreUnavailable when the database stayed away; what was taken stays taken, send the same again. */
  submit(inputs: readonly Inbound[], park = true): Promise<readonly Outcome[]> {
    const end = this.activity.begin();
    const current = this.trace.current();
    const outcomes = inputs.map(
      (input) =>
        new Promise<Outcome>((resolve, reject) =>
          this.queue.push({ input, park, traceparent: input.traceparent ?? current, resolve, reject }),
        ),
    );
    void this.drain();
    return Promise.all(outcomes).finally(end);
  }

  /** What would become of the records, without writing anything; accounts that payments name are not looked for. */
  async rehearse(inputs: readonly Inbound[]): Promise<readonly Outcome[]> {
    const judged = inputs.map((input) => this.judge(input));
    const taken = await this.table.rows(judged.flatMap((j) => (j.ok ? [takenKey(j.record.bankEventId)] : [])));
    const inFile = new Map<string, string>();
    return judged.map((j): Outcome => {
      if (!j.ok) return { result: 'parked', parkedId: null, problems: j.problems };
      const { bankEventId, bodyHash } = j.record;
      const before = (taken.get(takenKey(bankEventId)) as TakenRow | undefined)?.hash ?? inFile.get(bankEventId);
      inFile.set(bankEventId, before ?? bodyHash);
      if (before === undefined) return { result: 'accepted', debtorId: null, caseId: null };
      return before === bodyHash ? { result: 'duplicate' } : { result: 'parked', parkedId: null, problems: [usedId] };
    });
  }

  private async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    try {
      while (this.queue.length > 0) {
        const chunk = this.queue.splice(0, CHUNK);
        await this.take(chunk).catch((error: unknown) => {
          for (const submission of chunk) submission.reject(error);
        });
      }
    } finally {
      this.draining = false;
    }
  }

  private judge(input: Inbound): Validated {
    return input.broken ? { ok: false, problems: input.broken } : validate(input.raw, this.frameOf(input));
  }

  private frameOf({ channel, asIs = false }: Inbound): Frame {
    const { secrets, exactIds = [] } = this.config;
    return {
      today: businessDate(this.clock.now(), BANK_ZONE),
      ids: { exact: exactIds.includes(channel.kind), asIs },
      hash: (text) => recordHashOf(secrets.intakeKey, text),
    };
  }

  private async take(chunk: readonly Submission[]): Promise<void> {
    const verdicts = await this.verdictsOf(chunk);
    const parkedIds = await this.park(chunk, verdicts);
    await this.redriveWaiting(chunk, verdicts);
    for (const s of chunk) {
      const verdict = verdicts.get(s)!;
      if (verdict.result !== 'refused') s.resolve(verdict);
      else s.resolve({ result: 'parked', parkedId: parkedIds.get(s.input) ?? null, problems: verdict.problems });
    }
  }

  private async verdictsOf<T extends Arrived>(chunk: readonly T[]): Promise<ReadonlyMap<T, Taken | Refused>> {
    const verdicts = new Map<T, Taken | Refused>();
    let waiting: readonly Waiting<T>[] = chunk.flatMap((item) => {
      const judged = this.judge(item.input);
      if (judged.ok) return [{ item, record: judged.record, looks: 0 }];
      verdicts.set(item, { result: 'refused', problems: judged.problems });
      return [];
    });
    while (waiting.length > 0) {
      const { now, later } = nextWave(waiting);
      const results = await this.takeWave(now);
      const again: Waiting<T>[] = [];
      now.forEach((w, i) => {
        const verdict = results[i]!;
        if (verdict.result !== 'look-again') verdicts.set(w.item, verdict);
        else if (w.looks + 1 < LOOKS) again.push({ ...w, looks: w.looks + 1 });
        else verdicts.set(w.item, { result: 'refused', problems: verdict.problems });
      });
      waiting = [...again, ...later];
    }
    return verdicts;
  }

  private async park(
    chunk: readonly Submission[],
    verdicts: ReadonlyMap<Submission, Taken | Refused>,
  ): Promise<ReadonlyMap<Inbound, string>> {
    const refused = chunk.flatMap((s) => {
      const verdict = verdicts.get(s)!;
      return verdict.result === 'refused' && s.park ? [{ input: s.input, problems: verdict.problems }] : [];
    });
    const taken = chunk.filter((s) => verdicts.get(s)!.result !== 'refused').map(({ input }) => input);
    const ids = await this.patiently(() => this.parked.park(refused));
    await this.patiently(() => this.parked.replacedBy(taken));
    return new Map(refused.map(({ input }, i) => [input, ids[i]!]));
  }

  /** A payment came, or a reversal was parked while its payment came by another door: what waits for it is tried again. */
  private async redriveWaiting(
    chunk: readonly Submission[],
    verdicts: ReadonlyMap<Submission, Taken | Refused>,
  ): Promise<void> {
    const payments = chunk.flatMap((s) => paymentsOf(s.input.raw, verdicts.get(s)!));
    if (payments.length === 0) return;
    const waiting = await this.patiently(() => this.parked.waitingFor(payments));
    const arrived = waiting.map((input) => ({ input, traceparent: null, parkedId: input.parkedId }));
    for (const [{ parkedId }, { result }] of await this.verdictsOf(arrived)) {
      if (result !== 'refused') await this.patiently(() => this.parked.taken(parkedId));
    }
  }

  private async takeWave(wave: readonly Waiting<Arrived>[]): Promise<readonly Verdict[]> {
    const { table, keyring } = this;
    const { secrets } = this.config;
    const records = wave.map((w) => w.record);
    const side = await this.patiently(() =>
      table.rows(records.flatMap((r) => [takenKey(r.bankEventId), ...accountOf(r).map(accountKey)])),
    );
    const debtorIds = new Map(
      records.flatMap((r) => (r.kind === 'account' ? [[r.customerNo, debtorIdOf(secrets.pepper, r.customerNo)]] : [])),
    );
    const fresh = records.filter((r) => r.kind === 'account' && !side.has(takenKey(r.bankEventId)));
    const needed = fresh.flatMap((r) => (r.kind === 'account' ? [debtorIds.get(r.customerNo)!] : []));
    const keys = await this.patiently(() => keyring.obtain(needed));
    const owners = [...side.values()].flatMap((row) => (isAccountRow(row) ? [row.debtorId] : []));
    const known = await this.patiently(() => keyring.known(owners));
    return Promise.all(
      wave.map(async ({ item, record }): Promise<Verdict> => {
        const { channel } = item.input;
        const { traceparent: parent } = item;
        const followed = this.followed(record, channel, parent);
        const taken = side.get(takenKey(record.bankEventId)) as TakenRow | undefined;
        if (taken) {
          return taken.hash === record.bodyHash ? { result: 'duplicate' } : { result: 'refused', problems: [usedId] };
        }
        if (record.kind === 'payments-posted-through') return followed(() => this.takeWatermark(record, channel));
        if (record.kind === 'account') {
          const debtorId = debtorIds.get(record.customerNo) as DebtorId;
          const before = side.get(accountKey(record.facts.accountId)) as AccountRow | undefined;
          const key = keys.get(debtorId)!;
          const content =
            this.contents.hashOf(debtorId, record) ?? sealDebtor(debtorId, record.debtor, key, secrets.repeatable);
          const arrival = {
            record,
            channel,
            debtorId,
            caseId: caseIdOf(debtorId, record.facts.accountId, record.facts.dueDate),
            key,
            content,
            numbers: typeof content === 'string' ? NO_NUMBERS : numberKeys(secrets.pepper, key, record.debtor),
            before,
          };
          const left = (before && known.get(before.debtorId)) ?? null;
          return followed(() => this.takeAccount(arrival, left));
        }
        const place = side.get(accountKey(record.accountId)) as AccountRow | undefined;
        if (!place) return refusal('account_id', ACCOUNT_UNKNOWN);
        const report: Report = { effect: 'duplicate' };
        return followed(() =>
          this.settled(record, place, report, async () => {
            const owned = { ...place, key: known.get(place.debtorId) ?? null };
            await this.core.execute(moveMoney(record, channel, owned, report));
          }),
        );
      }),
    );
  }

  /** The door to the bank: a trace that it did not begin begins here. */
  private followed({ kind }: BankRecord, channel: Inbound['channel'], parent: string | null) {
    const attributes = { 'mora.channel': channel.kind };
    const what = { name: `take ${kind}`, kind: 'consumer', parent, begins: true, attributes } as const;
    return <T>(work: () => Promise<T>): Promise<T> => traced(this.trace, what, work);
  }

  /** @param left key of the debtor who had the account before */
  private takeAccount(arrival: AccountArrival, left: FieldKey | null): Promise<Verdict> {
    const { record, channel, debtorId, caseId, before } = arrival;
    const report: Report = { effect: 'duplicate' };
    return this.settled(record, { debtorId, caseId }, report, async () => {
      let ended: { readonly left?: Case } = {};
      if (before && before.debtorId !== debtorId) {
        refuseTie(record, before, 'customer_no');
        const { states } = await this.core.execute(
          leaveDebtor({ ...before, key: left }, record, channel, { debtorId, caseId }),
        );
        ended = { left: states[0] as Case };
        this.contents.forget(before.debtorId);
      }
      try {
        const { states } = await this.core.execute(recordAccount({ ...arrival, ...ended }, report));
        this.learn(arrival, states[0] as Debtor);
      } catch (error) {
        if (error instanceof CommandRefused && LOOK_AGAIN.has(error.code)) {
          this.keyring.forget(debtorId);
          this.contents.forget(debtorId);
        }
        throw error;
      }
    });
  }

  private learn({ debtorId, record, content }: AccountArrival, debtor: Debtor): void {
    if (typeof content === 'string' || debtor.status === 'unknown') return;
    if (holds(debtor, content, record.said)) this.contents.remember(debtorId, record, debtor.contentHash);
  }

  private takeWatermark(
    record: Extract<BankRecord, { kind: 'payments-posted-through' }>,
    channel: Inbound['channel'],
  ): Promise<Verdict> {
    if (isAhead(record.asOf, this.clock.now())) {
      return Promise.resolve(refusal('as_of', 'lies in the future', record.asOf));
    }
    const report: Report = { effect: 'superseded' };
    return this.settled(record, { debtorId: null, caseId: null }, report, async () => {
      await this.core.writer.executeInEveryShard(postThrough(record, channel, report));
    });
  }

  /** @throws StoreUnavailable only. */
  private async settled(
    record: BankRecord,
    place: { readonly debtorId: string | null; readonly caseId: string | null },
    report: Report,
    work: () => Promise<void>,
  ): Promise<Verdict> {
    try {
      await this.patiently(work);
      if (report.effect === 'duplicate') return { result: 'duplicate' };
      return { result: report.effect, debtorId: place.debtorId, caseId: place.caseId };
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      if (!(error instanceof CommandRefused)) {
        this.log.error({ kind: record.kind, error: nameOf(error) }, 'a bank record could not be taken');
        return refusal('record', 'could not be stored');
      }
      const refused = refusal(fieldOf(error), error.message);
      return LOOK_AGAIN.has(error.code) ? { ...refused, result: 'look-again' } : refused;
    }
  }

  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    const { patienceMs = 120_000 } = this.config;
    let waited = 0;
    for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error) || waited >= patienceMs) throw error;
        if (waited === 0) this.log.warn({}, 'the database does not answer; intake waits');
        await new Promise((resolve) => setTimeout(resolve, pause));
        waited += pause;
      }
    }
  }
}

const NO_NUMBERS: ReadonlyMap<string, string> = new Map();

const numberKeys = (pepper: Uint8Array, { key }: FieldKey, { phones }: DebtorContent): ReadonlyMap<string, string> =>
  new Map(phones.map(({ number }) => [phoneRefOf(key, number), numberKeyOf(pepper, number)]));

const usedId: Problem = {
  field: 'bank_event_id',
  reason: 'the same bank event id came before with another body',
  value: '',
};

/** Payments that others may wait for: one that was taken, now or before, one that a parked reversal names. */
const paymentsOf = (raw: RawRecord, verdict: Taken | Refused) => {
  const waits = verdict.result === 'refused' && isPaymentUnknown(verdict.problems);
  const paymentId = waits ? raw['reversal_of'] : raw['payment_id']?.trim() || raw['bank_event_id'];
  const kind = kindOf(raw);
  // Also one that is known already: intake may have ended before what waited for it was tried.
  const concerned = kind === 'reversal' ? waits : kind === 'payment' && verdict.result !== 'refused';
  return concerned ? [{ accountId: raw['account_id'] ?? '', paymentId: paymentId ?? '' }] : [];
};

const isAccountRow = (row: unknown): row is AccountRow =>
  typeof row === 'object' && row !== null && 'debtorId' in row && 'caseId' in row;

const ACCOUNT_UNKNOWN = 'no case of this account is known';

/** Refused for nothing but that: another record may still bring the account. */
export const isAccountUnknown = (problems: readonly Problem[]): boolean =>
  problems.some(({ field, reason }) => field === 'account_id' && reason === ACCOUNT_UNKNOWN);

const accountOf = (record: BankRecord): readonly string[] => {
  if (record.kind === 'account') return [record.facts.accountId];
  return record.kind === 'payments-posted-through' ? [] : [record.accountId];
};

const refusal = (field: string, reason: string, value = ''): Refused => ({
  result: 'refused',
  problems: [{ field, reason, value }],
});

const fieldOf = ({ details }: CommandRefused): string =>
  typeof details['field'] === 'string' ? details['field'] : 'record';

/** Messages of others may hold what the record said. */
const nameOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? `${error.name} ${String(error.code)}` : error.name) : 'unknown';

/** Connection errors of plain queries, too: SQLSTATE classes 08, 53, 57 and what the socket says. */
const isAway = (error: unknown): boolean => {
  if (error instanceof StoreUnavailable) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:08|53|57|E[A-Z]{3,})/.test(code)) return true;
  return error instanceof Error && /connection terminated|timeout exceeded|not queryable/i.test(error.message);
};

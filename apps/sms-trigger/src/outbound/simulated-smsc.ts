/**
 * An SMSC of invented debtors. Its own log is its memory: an SMS is recorded there before its submit returns, so that receipts
 * come also for one whose answer a crash swallowed.
 */
import { snapToTick } from '@mora/eventing';
import { LogFile, readLog, type SmscRecord, smsCourse, streamLog } from '@mora/simulation';
import type { SmscAdapter, SmscMessage, SmsSubmission, SubmitAnswer } from './smsc.js';

export interface SimulatedSmscOptions {
  readonly seed: number | string;
  readonly logPath: string;
  /** Hears each record of that log: the simulated bank and debtors live by it. */
  readonly onRecord?: (record: SmscRecord) => void;
  /** Wall time, ISO. */
  readonly wall: () => string;
}

interface SmscLine extends SmscRecord {
  readonly phoneIndex?: number;
}

/** Its debtors answer only what they got. */
type OwnMessage = SmscMessage & { readonly smsId: string; readonly debtorId: string };

interface Pending {
  readonly message: OwnMessage;
  readonly number: string;
  readonly segments: number;
}

/** Receipts of the last hour are told again after a restart. */
const TOLD_AGAIN_MS = 3_600_000;

const keyOf = ({ kind, smsId }: Pick<SmscRecord, 'kind' | 'smsId'>): string => `${kind}|${smsId}`;
const inOrder = (a: Pending, b: Pending): number =>
  a.message.at !== b.message.at ? (a.message.at < b.message.at ? -1 : 1) : keyOf(a.message) < keyOf(b.message) ? -1 : 1;
/** One a part. */
const providerIdsOf = (smsId: string, segments: number): readonly string[] =>
  segments === 1 ? [`sim-${smsId}`] : Array.from({ length: segments }, (_, part) => `sim-${smsId}-${part + 1}`);

export class SimulatedSmsc implements SmscAdapter {
  private log: LogFile<SmscLine> | null = null;
  private readonly ordinals = new Map<string, number>();
  private readonly pending = new Map<string, Pending>();
  private readonly told: Pending[] = [];
  private closed = false;
  private earliest: string | null = null;
  private listener: (message: SmscMessage) => void = () => undefined;

  constructor(private readonly options: SimulatedSmscOptions) {}

  open(): void {
    const { logPath, onRecord } = this.options;
    for (const line of readLog<SmscLine>(logPath)) this.remember(line);
    this.log = new LogFile<SmscLine>(logPath, onRecord);
  }

  async submit(submission: SmsSubmission): Promise<SubmitAnswer> {
    const { smsId, debtorId, number, phoneIndex, segments, trigger, text, at } = submission;
    const line: SmscLine = {
      kind: 'submit',
      smsId,
      debtorId,
      number,
      businessAt: at,
      wallAt: this.options.wall(),
      segments,
      trigger,
      text,
      phoneIndex,
    };
    this.log!.append(line);
    this.remember(line);
    return { result: 'accepted', providerIds: providerIdsOf(smsId, segments), costUnits: segments };
  }

  *made(): ReturnType<NonNullable<SmscAdapter['made']>> {
    for (const { kind, smsId, debtorId, businessAt } of streamLog<SmscLine>(this.options.logPath))
      if (kind === 'submit') yield { smsId, debtorId, at: businessAt };
  }

  onReceipt(listener: (message: SmscMessage) => void): void {
    this.listener = listener;
  }

  wantsTick(): string | null {
    return this.earliest;
  }

  tick(now: string): void {
    if (this.earliest === null || this.earliest > now) return;
    const due = [...this.pending.values()].filter(({ message }) => message.at <= now).sort(inOrder);
    for (const one of due) {
      this.log!.append(lineOf(one, this.options.wall()));
      this.pending.delete(keyOf(one.message));
      this.tell(one);
    }
    this.earliest = [...this.pending.values()].reduce<string | null>(
      (least, { message }) => (least === null || message.at < least ? message.at : least),
      null,
    );
  }

  recover(now: string): void {
    const since = new Date(Date.parse(now) - TOLD_AGAIN_MS).toISOString();
    for (const one of this.told.filter(({ message }) => message.at >= since).sort(inOrder)) this.tell(one);
    this.told.length = 0;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.log?.close();
  }

  /** Of each part there is a receipt. */
  private tell({ message, segments }: Pending): void {
    if (message.kind === 'reply') this.listener(message);
    else
      for (const providerId of providerIdsOf(message.smsId, segments))
        this.listener({ ...message, providerId, parts: 1 });
  }

  private remember(line: SmscLine): void {
    if (line.kind !== 'submit') {
      const known = this.pending.get(keyOf(line));
      if (known) this.told.push(known);
      this.pending.delete(keyOf(line));
      return;
    }
    const { smsId, debtorId, number, segments = 1, phoneIndex = 0 } = line;
    const ordinal = (this.ordinals.get(debtorId) ?? 0) + 1;
    this.ordinals.set(debtorId, ordinal);
    const course = smsCourse({ seed: this.options.seed, debtorId, ordinal, phoneIndex });
    const after = (seconds: number) => snapToTick(new Date(Date.parse(line.businessAt) + seconds * 1000).toISOString());
    this.await(
      { number, segments },
      {
        kind: 'receipt',
        smsId,
        debtorId,
        providerId: '',
        at: after(course.receiptAfterSeconds),
        delivered: course.delivered,
        error: course.error ?? '',
      },
    );
    if (course.reply)
      this.await(
        { number, segments },
        {
          kind: 'reply',
          replyId: null,
          smsId,
          debtorId,
          at: after(course.reply.afterSeconds),
          text: course.reply.text,
        },
      );
  }

  private await(of: Omit<Pending, 'message'>, message: OwnMessage): void {
    this.pending.set(keyOf(message), { message, ...of });
    if (this.earliest === null || message.at < this.earliest) this.earliest = message.at;
  }
}

const lineOf = ({ message, number }: Pending, wallAt: string): SmscLine => {
  const { kind, smsId, debtorId, at } = message;
  const common = { kind, smsId, debtorId, number, businessAt: at, wallAt };
  if (message.kind === 'reply') return { ...common, text: message.text };
  return { ...common, delivered: message.delivered, ...(message.delivered ? {} : { error: message.error }) };
};

import type { CarrierRecord, SmscRecord } from '../log-records.js';
import { type Reply, replyKindOf } from './acknowledgements.js';
import { inOrder, type Left, leftOf } from './contacts.js';

/** What the carrier saw of one attempt, whatever the order of its lines. */
interface Course {
  rang: boolean;
  answered: boolean;
  ended: boolean;
  /** Ended by a 5xx. */
  failed: boolean;
}

/** A line about a contact of which no line before it says that it began. */
export interface Stray {
  readonly contactId: string;
  readonly record: Pick<CarrierRecord | SmscRecord, 'kind' | 'debtorId' | 'businessAt' | 'wallAt'>;
}

/** The carrier's and the SMSC's logs, taken line by line: of what was said and written only N and T are kept. */
export class ContactLog {
  readonly #courses = new Map<string, Course>();
  readonly #calls: Left[] = [];
  readonly #sms: Left[] = [];
  readonly #replies: Reply[] = [];
  readonly #began = new Set<string>();
  readonly #carrierStrays: Stray[] = [];
  readonly #smscStrays: Stray[] = [];
  #answers = 0;
  #delivered = 0;

  carrier(record: CarrierRecord): void {
    const { kind, attemptId, sipCode = 0 } = record;
    let course = this.#courses.get(attemptId);
    if (!course) {
      course = { rang: false, answered: false, ended: false, failed: false };
      this.#courses.set(attemptId, course);
    }
    if (kind === 'invite') this.#begin(this.#calls, leftOf('call', attemptId, record));
    else if (!this.#began.has(attemptId)) this.#carrierStrays.push(strayOf(attemptId, record));
    if (kind === 'ringing') course.rang = true;
    if (kind === 'answer') {
      course.answered = true;
      this.#answers += 1;
    }
    if (kind === 'end') {
      course.ended = true;
      course.failed ||= sipCode >= 500 && sipCode < 600;
    }
  }

  smsc(record: SmscRecord): void {
    const { kind, smsId, delivered, text = '' } = record;
    if (kind === 'submit') this.#begin(this.#sms, leftOf('sms', smsId, record));
    else if (!this.#began.has(smsId)) this.#smscStrays.push(strayOf(smsId, record));
    const reply = kind === 'reply' ? replyKindOf(text) : null;
    if (reply !== null) this.#replies.push({ kind: reply, line: leftOf('sms', smsId, record) });
    if (kind === 'receipt' && delivered === true) this.#delivered += 1;
  }

  /** What left, in order of business time; each INVITE is one, also a repeated one. */
  calls(): readonly Left[] {
    return this.#calls.sort(inOrder);
  }

  /** As `calls`, by submits. */
  sms(): readonly Left[] {
    return this.#sms.sort(inOrder);
  }

  /** Replies N and T, in order of business time. */
  replies(): readonly Reply[] {
    return this.#replies.sort((a, b) => inOrder(a.line, b.line));
  }

  /** Answers logged, also repeated ones. */
  get answers(): number {
    return this.#answers;
  }

  get delivered(): number {
    return this.#delivered;
  }

  answered(attemptId: string): boolean {
    return this.#courses.get(attemptId)?.answered === true;
  }

  ended(attemptId: string): boolean {
    return this.#courses.get(attemptId)?.ended === true;
  }

  /** Refused by a trunk before it rang: certainly nobody's phone was disturbed. */
  trunkFault(attemptId: string): boolean {
    const course = this.#courses.get(attemptId);
    return course?.failed === true && !course.rang;
  }

  began(contactId: string): boolean {
    return this.#began.has(contactId);
  }

  /** Lines about contacts that the whole log never saw begin. */
  strays(): readonly Stray[] {
    return [...this.#carrierStrays, ...this.#smscStrays].filter(({ contactId }) => !this.#began.has(contactId));
  }

  #begin(list: Left[], left: Left): void {
    list.push(left);
    this.#began.add(left.contactId);
  }
}

const strayOf = (contactId: string, { kind, debtorId, businessAt, wallAt }: CarrierRecord | SmscRecord): Stray => ({
  contactId,
  record: { kind, debtorId, businessAt, wallAt },
});

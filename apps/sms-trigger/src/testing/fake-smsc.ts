/** An SMSC that does as it is told. */
import type { SmscAdapter, SmscMessage, SmsSubmission, SubmitAnswer } from '../outbound/smsc.js';

export class FakeSmsc implements SmscAdapter {
  readonly submissions: SmsSubmission[] = [];
  answer: (submission: SmsSubmission) => Promise<SubmitAnswer> = accepted;
  private listener: (message: SmscMessage) => void = () => undefined;

  open(): void {}

  submit(submission: SmsSubmission): Promise<SubmitAnswer> {
    this.submissions.push(submission);
    return this.answer(submission);
  }

  onReceipt(listener: (message: SmscMessage) => void): void {
    this.listener = listener;
  }

  tell(message: SmscMessage): void {
    this.listener(message);
  }

  wantsTick(): string | null {
    return null;
  }

  tick(): void {}

  recover(): void {}

  close(): void {}
}

export const accepted = async ({ smsId, segments }: SmsSubmission): Promise<SubmitAnswer> => ({
  result: 'accepted',
  providerIds: [`p-${smsId}`],
  costUnits: segments,
});

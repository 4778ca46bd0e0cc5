import type { AmdResult, CarrierAdapter, CarrierCall, LineSink, Utterance } from '../outbound/carrier.js';

export const person: AmdResult = { result: 'person', confidence: 1, version: '1' };

/** A line on which the test says what happens. */
export class ScriptedCarrier implements CarrierAdapter {
  readonly kind = 'simulated';
  readonly recogniser = { name: 'test', model: 'm', nluHash: 'n', threshold: 0.5 };
  readonly actions: string[] = [];
  readonly said: Utterance[] = [];
  sink: LineSink = () => undefined;
  onInvite: () => void = () => undefined;
  async open(): Promise<void> {}
  connect(sink: LineSink): void {
    this.sink = sink;
  }
  invite(call: CarrierCall): void {
    this.actions.push(`invite ${call.number}`);
    this.onInvite();
  }
  say(_attemptId: string, utterance: Utterance): void {
    this.said.push(utterance);
  }
  cancel(): void {
    this.actions.push('cancel');
  }
  hangup(): void {
    this.actions.push('hangup');
  }
  advance(): void {}
  nextAt(): string | null {
    return null;
  }
  close(): void {}
}

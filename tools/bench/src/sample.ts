/** Events of a real size: the end of a call, about 1.5 KB of data and meta. */
import { randomUUID } from 'node:crypto';
import { type Aggregate, append, type Command, command, ref } from '@mora/eventing';

export interface CallEnded {
  readonly type: 'CallEnded';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Dialing {
  readonly calls: number;
  readonly lastEndedAt: string | null;
  readonly talkMs: number;
}

const initial: Dialing = { calls: 0, lastEndedAt: null, talkMs: 0 };

export const evolve = (state: Dialing, event: CallEnded): Dialing => ({
  calls: state.calls + 1,
  lastEndedAt: String(event.data['endedAt']),
  talkMs: state.talkMs + Number(event.data['talkMs']),
});

export const dialing: Aggregate<Dialing, CallEnded> = { category: 'dialing', foldVersion: 1, initial, evolve };
/** As above, but always folded from its first event. */
export const unsnapshotted: Aggregate<Dialing, CallEnded> = { ...dialing, category: 'ledger', snapshotEvery: 0 };

export const initialDialing = (): Dialing => initial;

export const callEnded = (debtorId: string, ordinal: number): CallEnded => ({
  type: 'CallEnded',
  data: {
    attemptId: randomUUID(),
    debtorId,
    ordinal,
    endedAt: '2026-11-03T02:14:30.000Z',
    disposition: 'Answered',
    connected: 'human',
    conversation: true,
    rightParty: true,
    rightPartyBy: 'identity confirmed by the debtor',
    talkMs: 41_000 + ordinal,
    ringMs: 9_400,
    settledBy: 'gateway',
    sipCode: 200,
    hungUpBy: 'debtor',
    label: 'promise',
    dialogueEnd: 'promised',
    understoodTurns: 7,
    unclearTurns: 1,
    promise: { amount: 184_500, currency: 'TWD', dueDate: '2026-11-05', said: 'the day after tomorrow, all of it' },
    context: {
      caseId: '0f0a4a53-97ab-5d3b-a6d4-0e3a7c6b5a10',
      accountId: 'ACC-0000417',
      businessDate: '2026-11-03',
      dpd: 2,
      tier: 'M',
      term: 'short',
      stage: 'reminder',
      arm: 'control',
      strategyHash: '4d1c0c7a9c9c0fd7b2a1f7e1c6b3a5d8e9f0a1b2c3d4e5f60718293a4b5c6d7e',
    },
  },
});

/** Appends `n` ends of calls to a debtor's stream. */
export const endCalls = (debtorId: string, n: number, aggregate: Aggregate<Dialing, CallEnded> = dialing): Command => {
  const stream = ref(aggregate, debtorId);
  return command({
    name: 'end calls',
    subject: debtorId,
    streams: [stream],
    decide: ([state]) => Array.from({ length: n }, (_, i) => append(stream, callEnded(debtorId, state.calls + i + 1))),
  });
};

/** What Mora writes as `meta`, for those who do not have it. */
export const metaOf = (debtorId: string, at: string) => ({
  at,
  subject: debtorId,
  epoch: 1,
  schema: 1,
  clock: { kind: 'stepped', anchorId: '6b1f8c8e-2f70-4d3c-9c1b-2a4d3d6f0a11' },
  cause: 'cmd:none',
  correlationId: debtorId,
  after: {},
  actor: { kind: 'system', id: 'dialer' },
  policies: [],
  build: '89c154c0c1d97a2b8ce0b0d6a5e8a4b1f7a3d2e1',
  tzdata: '2026c',
  keyId: null,
  simulated: { version: 'debtors-1', seed: '42' },
  traceparent: null,
});

/** Debtors whose streams the writers append to; enough that 64 writers meet all shards. */
export const debtors = (n: number): readonly string[] => Array.from({ length: n }, () => randomUUID());

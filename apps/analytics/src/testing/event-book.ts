/** Fabricated but contract-shaped histories: seeded debtors live through some days, over every source that analytics reads. */
import { type EventEnvelope, type Source, shardOf, uuidv5 } from '@mora/contracts';

export interface Life {
  readonly debtor: number;
  readonly days: readonly LivedDay[];
  readonly holdout: boolean;
  readonly currency: 'CNY' | 'TWD' | 'JPY';
  readonly unpaid: number;
  /** Days after the first on which the account enters; 0 by default. */
  readonly enters?: number;
  /** Of a band that is never held out: drawn with certainty. */
  readonly exempt?: boolean;
}
export interface LivedDay {
  readonly tier: 'L' | 'M' | 'H';
  readonly calls: readonly {
    readonly hour: number;
    readonly disposition: 'no-answer' | 'machine' | 'hung-up-early' | 'promised' | 'refused' | 'trunk-fault' | 'denied';
    readonly rules: number;
    readonly talkMs: number;
  }[];
  readonly sms: 'none' | 'pending' | 'delivered' | 'late' | 'undelivered' | 'n';
  /** `bounced`: kept, and two days later broken after all. `reopened`: kept, and two days later open again. */
  readonly promise: 'none' | 'kept' | 'partly' | 'broken' | 'voided' | 'open' | 'bounced' | 'reopened';
  /** `late`: posted the evening before. `near`: all but the tolerance. `bounces`: reversed two days later. */
  readonly pays: 'nothing' | 'part' | 'all' | 'over' | 'near' | 'late' | 'reversed' | 'bounces';
  /** `early`: a complaint in the morning, before any contact of the day. `barred`: a third party asked to stop. */
  readonly stop: 'none' | 'complaint' | 'early' | 'stop-asked' | 'wrong-person' | 'barred';
}

export const SHARDS = 4;
/** Minor units that may be missing. */
export const TOLERANCE = 10;
const NAMESPACE = '6f1b1f5e-3f0c-4b0b-8a51-0c4f0f6f6a01';
export const debtorIdOf = (debtor: number): string => uuidv5(NAMESPACE, `debtor ${debtor}`);
export const caseIdOfDebtor = (debtor: number): string => uuidv5(NAMESPACE, `case ${debtor}`);

const FIRST_DAY = Date.UTC(2026, 10, 1, 16); // 2026-11-02 00:00 in Shanghai
const DAY_MS = 86_400_000;

const TERM = { L: 'short', M: 'mid', H: 'long' } as const;
const decision = {
  trigger: 'day plan',
  decidedOnVersion: 1,
  inputs: {},
  options: [],
  chosen: 'call',
  chance: null,
  rules: [],
  desiredAt: null,
  notBefore: null,
  notAfter: null,
  nextReviewAt: null,
};

/** Envelopes in the order of business time; positions gapless per (source, shard). */
export const eventBook = (
  lives: readonly Life[],
  simulated: (debtor: number) => boolean = () => true,
): readonly EventEnvelope[] => {
  const raw: { source: Source; type: string; life: Life; debtor: string; at: number; data: unknown; stream: string }[] =
    [];
  for (const life of lives)
    live(life, (source, type, at, data, stream = `case-${life.debtor}`) =>
      raw.push({ source, type, life, debtor: debtorIdOf(life.debtor), at, data, stream }),
    );
  raw.sort((a, b) => a.at - b.at);
  const heads = new Map<string, number>();
  const versions = new Map<string, number>();
  const next = (counts: Map<string, number>, key: string): number => {
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  };
  return raw.map(({ source, type, life, debtor, at, data, stream }) => {
    const shard = shardOf(debtor, SHARDS);
    const position = next(heads, `${source}/${shard}`);
    return {
      id: uuidv5(NAMESPACE, `${source}/${shard}/${position}`),
      type,
      source,
      epoch: 1,
      shard,
      position,
      stream,
      version: next(versions, `${source}/${stream}`),
      subject: debtor,
      data,
      meta: {
        schema: 1,
        at: new Date(at).toISOString(),
        clock: { kind: 'stepped', anchorId: 'a' },
        cause: 'cmd:test',
        correlationId: debtor,
        after: {},
        actor: { kind: 'system', id: 'test' },
        policies: [],
        build: 'test',
        tzdata: '2026a',
        keyId: null,
        simulated: simulated(life.debtor) ? { version: '1', seed: '1' } : null,
        traceparent: null,
      },
      recordedAt: new Date(at).toISOString(),
    };
  });
};

type Emit = (source: Source, type: string, at: number, data: object, stream?: string) => void;

const live = (life: Life, emit: Emit): void => {
  const debtorId = debtorIdOf(life.debtor);
  const caseId = caseIdOfDebtor(life.debtor);
  const accountId = `acc-${life.debtor}`;
  const strategyHash = 'strategy-1';
  const ref = { caseId, debtorId, accountId };
  const treatment = { ...ref, strategyHash };
  const held = life.holdout && life.exempt !== true;
  const arm = held ? 'holdout' : 'champion';
  const firstDay = FIRST_DAY + (life.enters ?? 0) * DAY_MS;
  let attempts = 0;
  const dueDate = dateOf(firstDay - DAY_MS);
  emit('intake', 'CaseOpened', firstDay + 5 * 3_600_000, {
    ...ref,
    facts: {
      dueDate,
      currency: life.currency,
      product: 'card',
      minimumDue: life.unpaid,
      statementBalance: life.unpaid * 10,
      creditLimit: null,
    },
    unpaidMinimum: life.unpaid,
    dpd: 1,
  });
  const owesAt = payments(life, firstDay, emit);
  emit('tiering', 'TreatmentStarted', firstDay + 5 * 3_600_000 + 1, {
    ...treatment,
    treatmentId: caseId,
    experimentId: 'e1',
    arm,
    probability: life.exempt === true ? 1 : held ? 0.02 : 0.98,
    holdout: held,
    decision: {
      ...decision,
      options: ['champion', 'holdout'].map((option) => ({
        option,
        eligible: option === 'champion' || life.exempt !== true,
        reason: 'share of the experiment',
        probability: option === 'champion' ? 0.98 : 0.02,
      })),
    },
  });
  life.days.forEach((day, index) => {
    const start = firstDay + index * DAY_MS;
    const businessDate = dateOf(start);
    const dpd = index + 1;
    const context = {
      caseId,
      accountId,
      treatmentId: caseId,
      businessDate,
      dpd,
      tier: day.tier,
      term: TERM[day.tier],
      stage: `${day.tier.toLowerCase()}-first`,
      experimentId: 'e1',
      arm,
      strategyHash,
      channel: 'call',
      ordinalInEpisode: 1,
      ordinalToday: 1,
    };
    if (owesAt(start + 6 * 3_600_000)) {
      emit('tiering', 'AccountTiered', start + 6 * 3_600_000, {
        ...treatment,
        businessDate,
        dpd,
        term: TERM[day.tier],
        base: day.tier,
        rules: [],
        tier: day.tier,
        band: 'normal',
      });
    }
    for (const call of day.calls) {
      attempts += 1;
      const attemptId = uuidv5(NAMESPACE, `call ${life.debtor} ${attempts}`);
      const at = start + call.hour * 3_600_000 + attempts;
      const callRef = { attemptId, contactId: attemptId, debtorId };
      const stream = `call-${attemptId}`;
      const script = context.stage;
      const voice = attempts % 2 === 0 ? 'F1' : 'M1';
      emit(
        'dialer',
        'CallIntended',
        at,
        { ...callRef, context, reason: 'first', script, voice, priority: 1, decision },
        stream,
      );
      const rules = ['CN-HOURS', 'CN-SMS', 'CN-PAID'].slice(0, call.rules);
      const denied = call.disposition === 'denied';
      emit('guard', denied ? 'ContactDenied' : 'ContactPermitted', at + 10, {
        contactId: attemptId,
        debtorId,
        channel: 'call',
        context,
        verdict: verdictOf(attemptId, denied ? rules : []),
      });
      if (denied) {
        emit(
          'dialer',
          'CallDeniedByGuard',
          at + 20,
          { ...callRef, context, deniedBy: rules, retryNotBefore: null },
          stream,
        );
        continue;
      }
      const leg = { ...callRef, legId: attemptId };
      emit('telephony', 'LegAccepted', at + 20, { ...leg, context }, `leg-${attemptId}`);
      emit(
        'dialer',
        'CallOriginated',
        at + 30,
        { ...callRef, context, originatedAt: iso(at + 30), trunk: 't1' },
        stream,
      );
      const connected = ['machine', 'hung-up-early', 'promised', 'refused'].includes(call.disposition);
      const rightParty = call.disposition === 'promised' || call.disposition === 'refused';
      if (connected)
        emit('telephony', 'LegAnswered', at + 40, { ...leg, answeredAt: iso(at + 40), amd: null }, `leg-${attemptId}`);
      if (rightParty) emit('telephony', 'TurnTaken', at + 45, { ...leg, turn: turnOf(at + 45) }, `leg-${attemptId}`);
      emit(
        'dialer',
        'CallEnded',
        at + 50,
        {
          ...callRef,
          context,
          voice,
          script,
          disposition: call.disposition,
          connected: connected ? 'yes' : 'no',
          conversation: rightParty,
          rightParty,
          rightPartyBy: rightParty ? 'said' : 'none',
          talkMs: connected ? call.talkMs : 0,
          endedAt: iso(at + 50),
          settledBy: 'live',
          outcome: null,
          dialogue: rightParty
            ? { label: 'none', end: 'end', understoodTurns: 2, unclearTurns: 1, personalised: call.talkMs % 2 === 0 }
            : null,
        },
        stream,
      );
    }
    const later = start + 21 * 3_600_000;
    if (day.sms !== 'none') {
      const smsId = uuidv5(NAMESPACE, `sms ${life.debtor} ${index}`);
      const trigger = day.sms === 'n' ? 'n' : 'a';
      const sms = { smsId, contactId: smsId, debtorId, context: { ...context, channel: 'sms' }, trigger };
      const late = day.sms === 'late' ? 49 * 3_600_000 : 60_000;
      emit('sms', 'SmsSubmitted', later, { ...sms, submittedAt: iso(later), segments: 2 }, `sms-${smsId}`);
      const receipt = { ...sms, receiptAt: iso(later + late), providerId: 'p', error: 'dead' };
      if (day.sms === 'undelivered') emit('sms', 'SmsUndelivered', later + late, receipt, `sms-${smsId}`);
      else if (day.sms !== 'pending') emit('sms', 'SmsDelivered', later + late, receipt, `sms-${smsId}`);
    }
    if (day.promise !== 'none') {
      const promiseId = uuidv5(NAMESPACE, `promise ${life.debtor} ${index}`);
      const promise = {
        ...treatment,
        promiseId,
        amount: 100 + index,
        currency: life.currency,
        date: businessDate,
        promiseKind: 'part',
      };
      const settled = { paid: 50, payments: [], watermark: null };
      emit('tiering', 'PromiseMade', later + 1, { ...promise, attemptId: 'x', turn: 1, confidence: 1 });
      const results = {
        kept: ['PromiseKept'],
        partly: ['PromisePartlyKept'],
        broken: ['PromiseBroken'],
        voided: ['PromiseVoided'],
        open: [],
        bounced: ['PromiseKept', 'PromiseBroken'],
        reopened: ['PromiseKept', null],
      }[day.promise];
      results.forEach((type, n) => {
        const at = later + (1 + 2 * n) * DAY_MS;
        const settledAt = iso(later + DAY_MS);
        if (n > 0) emit('tiering', 'PromiseReopened', at, { ...promise, ...settled, was: 'kept', settledAt });
        if (type !== null) emit('tiering', type, at + 1, { ...promise, ...settled, because: 'stop' });
      });
    }
    const early = start + 8 * 3_600_000;
    if (day.stop === 'barred')
      emit('guard', 'NumberBarred', later + 2, { debtorId, phoneRef: `n${index}`, everywhere: true, evidence: 'call' });
    else if (day.stop !== 'none') {
      emit('guard', 'StopPlaced', day.stop === 'early' ? early : later + 2, {
        stopId: `s${index}`,
        debtorId,
        kind: day.stop === 'early' ? 'complaint' : day.stop,
        scope: 'debtor',
        source: 'call',
        until: null,
      });
    }
  });
};

interface Movement {
  readonly id: string;
  readonly at: number;
  readonly postedAt: number;
  readonly amount: number;
  readonly reversalOf: string | null;
}

const movementsOf = (life: Life, firstDay: number): readonly Movement[] =>
  life.days
    .flatMap(({ pays }, index): readonly Movement[] => {
      const told = firstDay + index * DAY_MS + 21 * 3_600_000 + 3;
      const amount = amountOf(pays, life.unpaid);
      if (amount === 0) return [];
      const id = `p${index}`;
      const paid = { id, at: told, amount, postedAt: pays === 'late' ? told - 22 * 3_600_000 : told, reversalOf: null };
      if (pays !== 'reversed' && pays !== 'bounces') return [paid];
      const at = told + (pays === 'bounces' ? 2 * DAY_MS + 10 : 10);
      return [paid, { ...paid, id: `r${index}`, at, postedAt: at, reversalOf: id }];
    })
    .toSorted((a, b) => a.at - b.at);

const amountOf = (pays: LivedDay['pays'], unpaid: number): number => {
  switch (pays) {
    case 'nothing':
      return 0;
    case 'part':
    case 'late':
      return Math.ceil(unpaid / 2);
    case 'over':
      return 3 * unpaid;
    case 'near':
      return Math.max(0, unpaid - TOLERANCE);
    default:
      return unpaid;
  }
};

/** Tells the payments and what follows from them. @returns whether something is missing at an instant. */
const payments = (life: Life, firstDay: number, emit: Emit): ((at: number) => boolean) => {
  const ref = {
    caseId: caseIdOfDebtor(life.debtor),
    debtorId: debtorIdOf(life.debtor),
    accountId: `acc-${life.debtor}`,
  };
  const turns: { readonly at: number; readonly owes: boolean }[] = [];
  let net = 0;
  let cured = false;
  let tolerated = false;
  for (const { id, at, postedAt, amount, reversalOf } of movementsOf(life, firstDay)) {
    net += reversalOf === null ? amount : -amount;
    const unpaidMinimum = Math.max(0, life.unpaid - net);
    const dpd = Math.floor((at - firstDay) / DAY_MS) + 1;
    const said = {
      ...ref,
      paymentId: id,
      amount,
      currency: life.currency,
      valueDate: dateOf(postedAt),
      postedAt: iso(postedAt),
      remainingMinimumDue: null,
      unpaidMinimum,
    };
    if (reversalOf === null) emit('intake', 'PaymentPosted', at, said);
    else emit('intake', 'PaymentReversed', at, { ...said, reversalOf });
    if (!cured && unpaidMinimum === 0) emit('intake', 'CaseCured', at + 1, { ...ref, curedBy: id, unpaidMinimum, dpd });
    if (cured && unpaidMinimum > 0) emit('intake', 'CaseReopened', at + 1, { ...ref, unpaidMinimum, because: id });
    if (cured && unpaidMinimum > 0) tolerated = false;
    cured = unpaidMinimum === 0;
    const within = unpaidMinimum > 0 && unpaidMinimum <= TOLERANCE;
    if (within && !tolerated)
      emit('intake', 'WithinTolerance', at + 2, { ...ref, unpaidMinimum, tolerance: TOLERANCE });
    tolerated = within;
    turns.push({ at, owes: !cured });
  }
  return (at) => turns.findLast((turn) => turn.at <= at)?.owes ?? true;
};

const turnOf = (at: number) => ({
  index: 0,
  state: 'ask',
  promptId: 'p',
  wordingId: 'w1',
  promptStartAt: iso(at),
  intent: 'promise',
  confidence: 0.9,
  nextState: 'end',
  latencyMs: { recognise: 10, decide: 1, speak: 20 },
});
const iso = (at: number): string => new Date(at).toISOString();
const dateOf = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

const JUDGED_AT = '2026-11-02T01:00:00.000Z';

const verdictOf = (contactId: string, deniedBy: readonly string[]) => ({
  contactId,
  channel: 'call',
  actor: 'bank',
  party: 'debtor',
  phoneRef: 'phone-ref-1',
  result: deniedBy.length > 0 ? 'denied' : 'allowed',
  rules: [],
  deniedBy,
  localTimes: [],
  calendarHash: 'calendar',
  judgedAt: JUDGED_AT,
  guardClock: { wall: JUDGED_AT, skewMs: 0 },
  watermarks: {},
  reservations: [],
  startNotAfter: null,
  ringMaxSeconds: null,
  endBy: null,
  retryNotBefore: null,
});

/** Figures of contacts: calls, SMS, the people they reached, and what these said against them. */
import { base } from './definitions.js';
import { FEW, type Figure, figure, rate } from './figure.js';
import {
  type ComplaintCounts,
  type CounterSums,
  type CutName,
  cutOf,
  type FigureReads,
  isDayCut,
  plainSums,
  type Question,
  type SmsCounts,
  type TalkTime,
} from './reads.js';

/** Cuts in which an origination is not known by the fact that says so; the call's end says it. */
const KNOWN_AT_END = new Set<CutName>(['voice', 'script', 'detail']);

export const callFigures = (
  question: Question,
  parts: readonly CounterSums[],
  medians: readonly TalkTime[],
): readonly Figure[] =>
  plainSums(question, parts).flatMap(({ cut: value, of }) => {
    const cut = cutOf(question, value);
    const atEnd = question.cut !== null && KNOWN_AT_END.has(question.cut);
    const dialed = of(atEnd ? 'ended' : 'dialed') - of('trunk_faults');
    const conversations = of('conversations');
    const median = medians.find((talk) => talk.cut === value)?.medianMs ?? null;
    return [
      figure(base('dialed'), cut, { numerator: dialed, ...(atEnd ? { note: 'counted when ended' } : {}) }),
      figure(base('faults'), cut, { numerator: of('trunk_faults') }),
      rate(base('connect'), cut, of('connected'), dialed),
      rate(base('connectPerson'), cut, of('connected_person'), dialed),
      figure(base('talk'), cut, { unit: 'ms', numerator: of('talk_ms') }),
      rate(base('talkMean'), cut, of('conversation_talk_ms'), conversations, { unit: 'ms' }),
      figure(base('talkMedian'), cut, {
        unit: 'ms',
        numerator: median ?? 0,
        value: median,
        denominator: conversations,
        few: conversations < FEW,
      }),
      rate(base('unclear'), cut, of('unclear_turns'), of('unclear_turns') + of('understood_turns')),
      rate(base('complete'), cut, of('decided'), conversations),
      rate(base('personal'), cut, of('rpc_personalised'), of('rpc')),
      figure(base('unknown'), cut, { numerator: of('unknown_outcomes') }),
      figure(base('permitted'), cut, { numerator: of('permitted') }),
      figure(base('denied'), cut, { numerator: of('denied') }),
      figure(base('released'), cut, { numerator: of('released') }),
      figure(base('handOvers'), cut, { numerator: of('hand_overs') }),
    ];
  });

export const peopleFigures = async (reads: FigureReads, question: Question): Promise<readonly Figure[]> => {
  const { cut } = question;
  if (cut !== null && !isDayCut(cut)) return [];
  const [debtors, accounts, cured] = await Promise.all([
    reads.debtors({ ...question, cut }),
    reads.accounts({ ...question, cut }),
    reads.cured({ ...question, cut }),
  ]);
  const none = { cut: '', due: 0, attempted: 0, connected: 0, rpc: 0, reached: 0, promised: 0 };
  return [
    ...(debtors.length === 0 && cut === null ? [none] : debtors).flatMap((d) => {
      const at = cutOf(question, d.cut);
      return [
        figure(base('due'), at, { numerator: d.due }),
        figure(base('outbound'), at, { numerator: d.attempted }),
        rate(base('connectDebtor'), at, d.connected, d.attempted),
        rate(base('rpc'), at, d.rpc, d.attempted),
        rate(base('reach'), at, d.reached, d.due),
        rate(base('reachCalls'), at, d.rpc, d.due),
      ];
    }),
    ...(accounts.length === 0 && cut === null ? [none] : accounts).flatMap((a) => {
      const at = cutOf(question, a.cut);
      return [figure(base('dueAccounts'), at, { numerator: a.due }), rate(base('promiseRate'), at, a.promised, a.rpc)];
    }),
    ...(cured.length === 0 && cut === null ? [{ cut: '', cured: 0 }] : cured).map((c) =>
      figure(base('cured'), cutOf(question, c.cut), { numerator: c.cured }),
    ),
  ];
};

export const smsFigures = (
  question: Question,
  sms: readonly SmsCounts[],
  parts: readonly CounterSums[],
): readonly Figure[] => {
  const of = new Map(plainSums(question, parts).map((sum) => [sum.cut, sum.of]));
  const none = { cut: '', submitted: 0, delivered: 0, undelivered: 0, pending: 0 };
  return (sms.length === 0 && question.cut === null ? [none] : sms).flatMap((part) => {
    const cut = cutOf(question, part.cut);
    return [
      figure(base('smsSubmitted'), cut, { numerator: part.submitted }),
      rate(base('smsDelivered'), cut, part.delivered, part.submitted),
      figure(base('smsPending'), cut, { numerator: part.pending }),
      figure(base('smsParts'), cut, { numerator: of.get(part.cut)?.('sms_segments') ?? 0 }),
    ];
  });
};

export const complaintFigures = ({ complaints, stopRequests, contacts }: ComplaintCounts): readonly Figure[] => {
  const per = (key: 'complaint' | 'stops', numerator: number): Figure =>
    rate(base(key), null, numerator, contacts, {
      unit: 'per-10000',
      value: contacts === 0 ? null : (numerator / contacts) * 10_000,
    });
  return [per('complaint', complaints), per('stops', stopRequests)];
};

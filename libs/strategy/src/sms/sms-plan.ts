import {
  addDays,
  businessDate,
  type Instant,
  type LocalDate,
  later,
  localInstant,
  toInstant,
} from '@mora/business-time';
import type { SmsTrigger } from '@mora/contracts';
import { isInCalendar } from '../calendar.js';
import { drawChance, pick } from '../chance.js';
import type { Strategy } from '../package/schema.js';
import { inGrace } from '../promise/grace.js';
import { reminderAt } from '../promise/promise-rules.js';
import { floorAllows } from '../tiering/tiering.js';
import { bulkInstant, intoSmsHours } from './hours.js';
import type { SmsInputs, SmsPlanItem } from './records.js';
import { historyKind } from './templates.js';

type Bare = Omit<SmsPlanItem, 'decision'> & { readonly chance: SmsPlanItem['decision']['chance'] };

interface Day {
  readonly strategy: Strategy;
  readonly i: SmsInputs;
  readonly today: LocalDate;
  readonly grace: boolean;
}

const blank = (trigger: SmsTrigger): Bare => ({
  trigger,
  state: 'lapsed',
  insteadOf: null,
  templateId: null,
  variant: trigger,
  kind: 'bulk',
  dueAt: null,
  nextReviewAt: null,
  reason: '',
  handOver: null,
  chance: null,
});

/** The first instant at or after this one at which an unsolicited SMS may go; null: none in sight. */
const intoHours = ({ strategy, i }: Day, at: Instant): Instant | null => intoSmsHours(strategy, i.agreedWindows, at);

const bulkOn = ({ strategy, i }: Day, date: LocalDate, time: string): Instant =>
  bulkInstant(strategy, i.agreedWindows, date, time);

const tomorrow = ({ strategy, today }: Day): Instant =>
  localInstant(addDays(today, 1), strategy.caps.sms.from, strategy.about.zone);

const origin = (bare: Bare): SmsTrigger => bare.insteadOf ?? bare.trigger;

const lapsed = (trigger: SmsTrigger, reason: string): Bare => ({ ...blank(trigger), state: 'lapsed', reason });

const held = (day: Day, trigger: SmsTrigger, reason: string, nextReviewAt: Instant = tomorrow(day)): Bare => ({
  ...blank(trigger),
  state: 'held',
  reason,
  nextReviewAt,
});

/** @param hours of what the debtor asked for himself: the strategy's, since his own would keep him waiting */
const timed = (day: Day, bare: Bare, wanted: Instant, hours: typeof intoHours = intoHours): Bare => {
  const first = hours(day, wanted);
  const now = hours(day, day.i.at);
  if (first === null || now === null) return { ...held(day, origin(bare), 'no-agreed-hours'), insteadOf: null };
  if (first > day.i.at) return { ...bare, state: 'later', dueAt: first };
  return now === day.i.at ? { ...bare, state: 'due', dueAt: first } : { ...bare, state: 'later', dueAt: now };
};

interface Sent {
  /** Nothing further will come of the trigger. */
  readonly finished: boolean;
  /** Tried again, and not delivered either. */
  readonly lost: boolean;
  /** Day of an undelivered SMS that is tried once more. */
  readonly undeliveredOn: LocalDate | null;
}

const sentOf = (i: SmsInputs, trigger: SmsTrigger): Sent => {
  const entries = i.done.filter((one) => one.trigger === trigger || one.insteadOf === trigger);
  const [only] = entries;
  const again = entries.length === 1 && only?.outcome === 'undelivered';
  const lost = entries.length > 1 && entries.every(({ outcome }) => outcome === 'undelivered');
  return { finished: entries.length > 0 && !again, lost, undeliveredOn: again ? only.on : null };
};

const numberIsUnsafe = (i: SmsInputs): boolean =>
  i.number.doubtful || i.number.shared || i.number.lastAnsweredByThirdParty;

/** The same SMS without a debt word, where somebody else may read it. */
const safely = (i: SmsInputs, bare: Bare): Bare =>
  numberIsUnsafe(i)
    ? { ...bare, trigger: 'n', insteadOf: bare.trigger, templateId: 'n', variant: `n.${bare.trigger}` }
    : bare;

const resendAt = (day: Day, on: LocalDate, time: string): Instant =>
  bulkOn(day, addDays(on, day.strategy.sms.resendUndeliveredAfterDays), time);

/** The debtor agreed to the SMS of his promise: it says all that `a.promised` says. */
const isPromiseAsked = (i: SmsInputs): boolean =>
  i.openPromise !== null && !numberIsUnsafe(i) && i.asked.some((one) => one.content === 'promise');

/** That nobody could be reached today is only said where it is so; else the text says nothing of calls. */
const notReached = ({ callsToday: { attempts, answered } }: SmsInputs): 'missed' | 'answered' =>
  attempts > 0 && !answered ? 'missed' : 'answered';

const triggerA = (day: Day): Bare | null => {
  const { strategy, i, today } = day;
  const rule = strategy.sms.a;
  const sent = sentOf(i, 'a');
  if (i.firstCall === null || sent.finished) return null;
  const spoken = i.firstConversation;
  const heard = spoken ?? i.firstCall;
  if (rule.notAfter.includes(heard.disposition)) return lapsed('a', `after-${heard.disposition}`);
  if (i.stops.length > 0) return lapsed('a', 'stopped');
  if (i.claimChecking) return lapsed('a', 'claim-checking');
  if (sent.undeliveredOn === null && isPromiseAsked(i)) return lapsed('a', 'said-by-q.promise');
  if (i.handedOver) return lapsed('a', 'handed-over');
  const variant = spoken?.promised && i.openPromise !== null ? 'promised' : spoken?.rpc ? 'spoken' : notReached(i);
  const bare: Bare = {
    ...blank('a'),
    templateId: variant === 'answered' ? 'a.spoken' : `a.${variant}`,
    variant: `${variant}.${i.tier}`,
    reason: 'first-call-ended',
  };
  if (sent.undeliveredOn !== null)
    return timed(day, { ...safely(i, bare), reason: 'undelivered' }, resendAt(day, sent.undeliveredOn, rule.bulkAt));
  const zone = strategy.about.zone;
  if (businessDate(i.firstCall.endedAt, zone) < addDays(today, -rule.maxWaitDays))
    return lapsed('a', 'waited-too-long');
  if (spoken === null || businessDate(spoken.endedAt, zone) !== businessDate(i.firstCall.endedAt, zone)) {
    return timed(day, safely(i, bare), bulkOn(day, businessDate(i.firstCall.endedAt, zone), rule.bulkAt));
  }
  const { from, to } = rule.afterHangUpMinutes;
  const chance = drawChance(i.chance.salt, i.chance.saltId, i.debtorId, `sms.a|${spoken.endedAt}`);
  const tickMs = strategy.about.tickSeconds * 1000;
  const first = Math.ceil((Date.parse(spoken.endedAt) + from * 60_000) / tickMs);
  const ticks = Math.max(1, Math.floor((Date.parse(spoken.endedAt) + to * 60_000) / tickMs) - first + 1);
  const wanted = toInstant((first + pick(chance, ticks)) * tickMs);
  return timed(day, { ...safely(i, bare), kind: 'conversation', chance }, wanted);
};

/** Why an unpaid account's b or c must wait, as far as both share it. */
const waits = (day: Day, trigger: 'b' | 'c', content: 'credit' | 'legal'): Bare | null => {
  const { strategy, i } = day;
  if (i.stops.length > 0) return held(day, trigger, 'stopped');
  if (i.handedOver) return held(day, trigger, 'handed-over');
  const taskOfC = trigger === 'c' ? 'sms-task' : null;
  if (i.claimChecking) return { ...held(day, trigger, 'claim-checking'), handOver: taskOfC };
  if (i.openPromise !== null) {
    const after = localInstant(addDays(i.openPromise.date, 1), strategy.caps.sms.from, strategy.about.zone);
    return {
      ...held(day, trigger, 'open-promise', later(after, tomorrow(day))),
      handOver: taskOfC,
    };
  }
  return floorAllows(strategy, content, { dpd: i.dpd, inGrace: day.grace })
    ? null
    : held(day, trigger, 'content-floor');
};

/**
 * A day on which nothing may be sent moves an SMS to the next allowed one. Null: there was no such day; else that day, and
 * whether it is still the robot's: later ones are the task of a human, told a day ahead so that he gets it with the account.
 */
const movedTo = (day: Day, wanted: Instant): { readonly on: LocalDate; readonly task: boolean } | null => {
  const { strategy, i, today } = day;
  const { zone } = strategy.about;
  const wantedOn = businessDate(wanted, zone);
  const next = intoHours(day, wanted);
  const lastDay = addDays(i.dueDate, strategy.about.lastDpd);
  const on = next === null ? addDays(lastDay, 1) : businessDate(next, zone);
  if (on === wantedOn) return null;
  return { on, task: on > lastDay && today >= addDays(wantedOn, -1) };
};

const asTask = (day: Day, trigger: 'b' | 'c'): Bare => ({
  ...held(day, trigger, 'no-day-to-send'),
  handOver: 'sms-task',
});

/** The notice before a credit report did not arrive: the hand-over carries it, for a letter. */
const asLetter = (day: Day): Bare => ({
  ...held(day, 'b', 'undelivered', dayAfterRobot(day)),
  handOver: 'sms-task',
});

const dayAfterRobot = ({ strategy, i }: Day): Instant =>
  localInstant(addDays(i.dueDate, strategy.about.lastDpd + 1), strategy.caps.sms.from, strategy.about.zone);

const triggerB = (day: Day): Bare | null => {
  const { strategy, i } = day;
  const rule = strategy.sms.b;
  const sent = sentOf(i, 'b');
  const called = strategy.arms.arms[i.arm]?.calls !== false;
  const reminder = i.firstReminderOn ?? (called ? null : addDays(i.dueDate, strategy.about.firstDpd));
  if (reminder !== null && sent.lost) return i.dpd > strategy.about.lastDpd ? null : asLetter(day);
  if (reminder === null || sent.finished) return null;
  const dueOn = addDays(reminder, rule.daysAfterFirstReminder);
  const cIsDue = i.dpd >= strategy.sms.c.dpd && (strategy.arms.arms[i.arm]?.sms.includes('c') ?? false);
  if (cIsDue) return lapsed('b', 'c-due');
  if (addDays(i.dueDate, rule.lastDpd) < dueOn) return lapsed('b', `past-dpd-${rule.lastDpd}`);
  const wanted =
    sent.undeliveredOn === null ? bulkOn(day, dueOn, rule.bulkAt) : resendAt(day, sent.undeliveredOn, rule.bulkAt);
  const moved = movedTo(day, wanted);
  if (i.dpd > strategy.about.lastDpd && moved !== null) return { ...lapsed('b', 'end-of-robot'), handOver: 'sms-task' };
  if (moved?.task) return asTask(day, 'b');
  if (i.dpd > rule.lastDpd && (moved === null || day.today > moved.on)) return lapsed('b', `past-dpd-${rule.lastDpd}`);
  const answered = i.rpcInEpisode ? 'answered' : 'not-answered';
  const bare: Bare = {
    ...blank('b'),
    templateId: 'b',
    variant: `${answered}.${i.lastLabel ?? 'none'}`,
    reason: sent.undeliveredOn === null ? 'five-days-after-first-reminder' : 'undelivered',
  };
  if (wanted > i.at) return timed(day, bare, wanted);
  if (numberIsUnsafe(i)) return { ...lapsed('b', 'number-not-for-debt'), handOver: 'sms-task' };
  return waits(day, 'b', 'credit') ?? timed(day, bare, wanted);
};

const triggerC = (day: Day): Bare | null => {
  const { strategy, i } = day;
  const rule = strategy.sms.c;
  const sent = sentOf(i, 'c');
  if (sent.finished || i.dpd < rule.dpd - 1) return null;
  const wanted =
    sent.undeliveredOn === null
      ? bulkOn(day, addDays(i.dueDate, rule.dpd), rule.bulkAt)
      : resendAt(day, sent.undeliveredOn, rule.bulkAt);
  const moved = movedTo(day, wanted);
  if (i.dpd > strategy.about.lastDpd)
    return { ...lapsed('c', 'end-of-robot'), handOver: i.openPromise === null && moved === null ? null : 'sms-task' };
  if (moved?.task) return asTask(day, 'c');
  const bare: Bare = {
    ...blank('c'),
    templateId: 'c',
    variant: historyKind(i),
    reason: sent.undeliveredOn === null ? `dpd-${rule.dpd}` : 'undelivered',
  };
  if (wanted > i.at) return timed(day, safely(i, bare), wanted);
  return waits(day, 'c', 'legal') ?? timed(day, safely(i, bare), wanted);
};

const templateOfContent = { promise: 'q.promise', callback: 'q.callback', ways: 'q.ways' } as const;

/** One SMS of what was asked for: the promise says the ways to pay as well. */
const triggerQ = (day: Day): Bare | null => {
  const { i } = day;
  if (i.asked.length === 0) return null;
  if (i.stops.length > 0) return lapsed('q', 'stopped');
  if (numberIsUnsafe(i)) return lapsed('q', 'number-not-for-debt');
  const content = (['promise', 'callback', 'ways'] as const).find((one) =>
    i.asked.some((asked) => asked.content === one),
  )!;
  const asked = i.asked.findLast((one) => one.content === content)!;
  if (content === 'promise' && i.openPromise === null) return lapsed('q', 'no-open-promise');
  const bare: Bare = {
    ...blank('q'),
    templateId: templateOfContent[content],
    variant: content,
    kind: 'conversation',
    reason: 'asked-in-call',
  };
  return timed(day, bare, asked.at, ({ strategy }, at) => intoSmsHours(strategy, [], at));
};

const triggerRemind = (day: Day): Bare | null => {
  const { strategy, i, today } = day;
  if (i.openPromise === null || i.handedOver || i.stops.length > 0 || i.claimChecking) return null;
  const reminder = reminderAt(strategy, i.openPromise);
  if (reminder === null || reminder.on < today) return null;
  if (i.done.some((one) => one.trigger === 'q.remind' && one.on === reminder.on)) return null;
  if (numberIsUnsafe(i)) return lapsed('q.remind', 'number-not-for-debt');
  const bare: Bare = { ...blank('q.remind'), templateId: 'q.remind', variant: 'remind', reason: 'promise-due-today' };
  return timed(day, bare, bulkOn(day, reminder.on, reminder.at));
};

const isUnsolicited = (bare: Bare): boolean => bare.trigger !== 'q';

/** Of several unsolicited ones due, one goes; the others wait a day. */
const onePerDay = (day: Day, items: readonly Bare[]): readonly Bare[] => {
  const order: readonly SmsTrigger[] = ['q.remind', ...day.strategy.sms.precedence];
  const due = items
    .filter((one) => isUnsolicited(one) && one.state === 'due')
    .sort((x, y) => order.indexOf(origin(x)) - order.indexOf(origin(y)));
  const places = Math.max(0, day.strategy.caps.sms.unsolicitedPerDay - day.i.unsolicitedToday);
  const winners = due.slice(0, places);
  return items.map((one) => {
    if (!due.includes(one) || winners.includes(one)) return one;
    const reason = winners.length > 0 ? `after-${origin(winners[0]!)}` : 'one-per-day';
    return { ...one, state: 'held', reason, dueAt: null, nextReviewAt: tomorrow(day) };
  });
};

/** Beyond the end of the calendar nothing is sent. */
const insideCalendar = (day: Day, bare: Bare): Bare =>
  isInCalendar(day.strategy.calendar, day.today) || bare.state === 'lapsed'
    ? bare
    : { ...held(day, bare.trigger, 'calendar-missing'), insteadOf: bare.insteadOf };

const withDecision = (day: Day, bare: Bare): SmsPlanItem => {
  const { chance, ...item } = bare;
  const { chance: _source, ...inputs } = day.i;
  const goes = item.state === 'due' || item.state === 'later';
  return {
    ...item,
    decision: {
      inputs,
      options: [
        { option: 'send', eligible: goes, reason: item.reason, probability: goes ? 1 : 0 },
        { option: 'none', eligible: true, reason: item.reason, probability: goes ? 0 : 1 },
      ],
      chosen: goes ? 'send' : 'none',
      chance,
      rules: [`sms.${origin(bare)}`, ...(item.insteadOf === null ? [] : ['sms.n']), item.state],
      desiredAt: item.dueAt,
      notBefore: item.dueAt,
      notAfter: null,
      nextReviewAt: item.nextReviewAt,
    },
  };
};

/**
 * Every SMS trigger of one account that stands at an instant: due, later, held or lapsed, each with its reason. A trigger
 * that has nothing to say is not in the list. At most one unsolicited item is `due`.
 */
export const planSms = (strategy: Strategy, inputs: SmsInputs): readonly SmsPlanItem[] => {
  if (!inputs.unpaid || inputs.withinTolerance || inputs.dpd < strategy.about.firstDpd) return [];
  const today = businessDate(inputs.at, strategy.about.zone);
  const day: Day = { strategy, i: inputs, today, grace: inGrace(strategy, today, inputs.dueDate, inputs.graceDays) };
  const allowed = strategy.arms.arms[inputs.arm]?.sms ?? [];
  const raised = [triggerC(day), triggerB(day), triggerA(day), triggerRemind(day), triggerQ(day)].filter(
    (one) => one !== null,
  );
  return onePerDay(
    day,
    raised.filter((one) => allowed.includes(origin(one))),
  ).map((one) => withDecision(day, insideCalendar(day, one)));
};

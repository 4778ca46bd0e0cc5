/** The main job: work the book day by day, tell how it goes, sum up, stay or end. */

import { addDays, businessDate, toInstant } from '@mora/business-time';
import { midnight, ZONE } from './business-zone.js';
import { serveControl } from './control.js';
import { DatabaseGone } from './errors.js';
import { methodsOf } from './methods.js';
import type { EmbeddedOptions, Mora } from './mora.js';
import { sheet } from './print.js';
import { startProgress } from './progress.js';
import { cohortTable, deniedLine, figureTable } from './show-figures.js';
import { historyShown } from './show-history.js';
import { countsOf, type SummaryCounts } from './summary-counts.js';
import { inBankTime } from './times.js';
import { say } from './words.js';

export interface RunOptions extends Omit<EmbeddedOptions, 'note'> {
  readonly untilIdle: boolean;
  readonly json: boolean;
}

/** How the services are started. */
export type Start = (options: EmbeddedOptions) => Promise<Mora>;

export interface RunSummary extends SummaryCounts {
  readonly accounts: number;
  readonly openedCases: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly wallSeconds: number;
  readonly peakMemoryMb: number;
  readonly businessTime: string;
  readonly simulated: true;
  readonly oracle: { readonly clean: boolean; readonly violations: number; readonly counts: unknown };
}

export const run = async (
  start: Start,
  options: RunOptions,
  out: NodeJS.WriteStream,
  err: NodeJS.WriteStream,
): Promise<number> => {
  const tell = (text: string) => (options.json ? err : out).write(`${text}\n`);
  const began = Date.now();
  const mora = await start({ ...options, note: tell });
  let stopAsked = false;
  let wakeIdle: () => void = () => undefined;
  const askStop = () => {
    if (stopAsked) {
      err.write('stopped at once; what was under way is settled at the next start\n');
      process.exit(130);
    }
    stopAsked = true;
    mora.clock.pause();
    wakeIdle();
    tell(`\n${say('stopping: letting what is under way come to rest (again: at once)')}`);
  };
  process.on('SIGINT', askStop);
  process.on('SIGTERM', askStop);
  const control = await serveControl(options.dataDir, methodsOf(mora, askStop));
  introduce(mora, tell);
  const stopProgress = options.json
    ? () => undefined
    : startProgress(
        {
          now: mora.clock.now,
          live: () => mora.live.now(),
          from: mora.facts.from,
          days: mora.facts.days,
          wall: Date.now,
        },
        out,
      );
  let isGone = false;
  const work = async (): Promise<number> => {
    if (mora.history.isHeld()) {
      tell(historyShown(await mora.history.show()));
      await Promise.race([mora.whenBegun, new Promise<void>((resolve) => (wakeIdle = resolve))]);
    }
    await workDays(mora, () => stopAsked, tell, options.json);
    stopProgress();
    if (!stopAsked && options.untilIdle) return await conclude(mora, began, options, out, tell);
    if (!stopAsked) {
      tell(
        `\n${say('All {days} days are worked. Mora stays up and idle: look around with "npx mora status", "npx mora cases list"; Ctrl-C stops it.', { days: mora.facts.days })}`,
      );
      await new Promise<void>((resolve) => {
        wakeIdle = resolve;
        if (stopAsked) resolve();
      });
    }
    return 0;
  };
  try {
    return await Promise.race([work(), mora.databaseGone]);
  } catch (error) {
    isGone = error instanceof DatabaseGone;
    throw error;
  } finally {
    stopProgress();
    await control.close();
    if (!isGone) await Promise.race([mora.stop(), mora.databaseGone]);
    process.off('SIGINT', askStop);
    process.off('SIGTERM', askStop);
    if (!isGone) tell(say('stopped cleanly'));
  }
};

const ABOUT_THE_BOOK = [
  'Real: balances, limits, months of payment history of credit-card clients in Taiwan, 2005 (UCI, I-Cheng Yeh, CC BY 4.0), amounts in TWD.',
  'Derived: minimum due, due dates and days past due (the data gives months), names and numbers (invented, they cannot exist), how debtors answer and pay (simulated).',
  'Only five earlier months of history are known, so tier rule T8 (twelve recorded months) cannot fire.',
];

const introduce = (mora: Mora, tell: (text: string) => void): void => {
  const { facts } = mora;
  tell(
    [
      `Mora · ${mora.isNew ? say('new installation') : say('goes on at {at}', { at: inBankTime(mora.clock.now()) })} · ${say('seed {seed} · {accounts} accounts · {days} days from {from}', { ...facts })}`,
      ...ABOUT_THE_BOOK.map((line) => say(line)),
      ...mora.addresses.map(({ what, where }) => `${what}: ${where}`),
    ].join('\n'),
  );
};

const workDays = async (
  mora: Mora,
  stopped: () => boolean,
  tell: (text: string) => void,
  quiet: boolean,
): Promise<void> => {
  const { from, days } = mora.facts;
  for (let day = 0; day < days && !stopped(); day++) {
    const end = midnight(from, day + 1);
    if (mora.clock.now() >= end) continue;
    await mora.clock.runUntil(end);
    if (stopped()) return;
    await mora.analytics.drain();
    if (!quiet) tell(await dayReport(mora, addDays(from, day), day + 1));
  }
};

const dayReport = async (mora: Mora, date: string, day: number): Promise<string> => {
  const figures = await mora.analytics.figuresOfDay(date);
  return [
    `\n${say('Day {day} · {date} (simulated outcomes on real balances)', { day, date })}`,
    figureTable(figures.figures.filter((f) => f.cut === null)),
    deniedLine(figures.denials),
    ...(figures.cohorts.length > 0 ? [cohortTable(figures.cohorts)] : []),
  ].join('\n');
};

const conclude = async (
  mora: Mora,
  began: number,
  options: RunOptions,
  out: NodeJS.WriteStream,
  tell: (text: string) => void,
): Promise<number> => {
  const summary = await summarise(mora, began);
  const report = summary.oracle;
  if (options.json) out.write(`${JSON.stringify(summary)}\n`);
  else tell(`\n${sheet({ ...summary })}`);
  if (!report.clean)
    tell(say('the safety oracle found {n} violations: "npx mora oracle" lists them', { n: report.violations }));
  return report.clean ? 0 : 1;
};

const summarise = async (mora: Mora, began: number): Promise<RunSummary> => {
  const wallSeconds = (Date.now() - began) / 1000;
  const last = businessDate(toInstant(Date.parse(mora.endsAt) - 1), ZONE);
  const figures = await mora.analytics.figures({ period: { from: mora.facts.from, to: last } });
  const oracle = await mora.oracle();
  const events = await mora.eventCount();
  const cases = (await mora.analytics.summary()).cases;
  return {
    accounts: mora.facts.accounts,
    openedCases: Object.values(cases).reduce((sum, n) => sum + n, 0),
    ...countsOf(figures),
    events,
    eventsPerSecond: Math.round(mora.live.now().events / wallSeconds),
    wallSeconds: Math.round(wallSeconds * 10) / 10,
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    businessTime: mora.clock.now(),
    simulated: true,
    oracle: { clean: oracle.clean, violations: oracle.violations.length, counts: oracle.counts },
  };
};

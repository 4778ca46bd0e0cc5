/** One line that tells how the day goes: rewritten on a terminal, every few seconds elsewhere. */
import { DAY_MS, localTime } from '@mora/business-time';
import { midnight, ZONE } from './business-zone.js';
import type { Live } from './live-counters.js';
import { say } from './words.js';

export interface ProgressSource {
  readonly now: () => string;
  readonly live: () => Live;
  readonly from: string;
  readonly days: number;
  readonly wall: () => number;
}

/** `11-02 14:30` in the business zone. */
const clockText = (ms: number): string => localTime(ms, ZONE).text.slice(5, 16).replace('T', ' ');

const bar = (share: number): string => {
  const full = Math.max(0, Math.min(20, Math.round(share * 20)));
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
};

const COUNTS =
  'open {open} · calls now {inFlight} · dialed {dialed} · connected {connected} · promises {promises} · cured {cured} · SMS {sms} · denied {denied} · {rate} events/s';

export const startProgress = (source: ProgressSource, out: NodeJS.WriteStream): (() => void) => {
  const terminal = out.isTTY === true;
  let events = source.live().events;
  let wall = source.wall();
  const line = () => {
    const live = source.live();
    const seconds = Math.max(0.001, (source.wall() - wall) / 1000);
    const rate = Math.round((live.events - events) / seconds);
    events = live.events;
    wall = source.wall();
    const now = Date.parse(source.now());
    const passed = (now - Date.parse(midnight(source.from))) / DAY_MS;
    const day = Math.min(source.days, Math.floor(passed) + 1);
    const title = say('day {day}/{days}', { day, days: source.days });
    return `${title} ${bar(passed / source.days)} ${clockText(now)} · ${say(COUNTS, { ...live, rate })}`;
  };
  const show = () => {
    if (!terminal) return void out.write(`${line()}\n`);
    out.write(`\r\u001b[2K${line().slice(0, (out.columns ?? 160) - 1)}`);
  };
  const interval = setInterval(show, terminal ? 500 : 5_000);
  return () => {
    clearInterval(interval);
    if (terminal) out.write('\r\u001b[2K');
  };
};

/** When an SMS may go: the strategy's hours, or those agreed with the debtor for SMS, which take their place. */
import {
  addDays,
  businessDate,
  type Instant,
  kindOfDay,
  type LocalDate,
  later,
  localInstant,
} from '@mora/business-time';
import type { Strategy } from '../package/schema.js';

/** Local `HH:mm`; may pass midnight. */
export interface AgreedHours {
  readonly from: string;
  readonly to: string;
  /** Last day on which they hold. */
  readonly expiresOn: LocalDate | null;
}

interface Hours {
  readonly from: string;
  readonly to: string;
}

/** A day is looked for no further than this. */
const DAYS_AHEAD = 60;

const holding = (agreed: readonly AgreedHours[], date: LocalDate): readonly AgreedHours[] =>
  agreed.filter(({ expiresOn }) => expiresOn === null || expiresOn >= date);

/** What passes midnight lies at both ends of a day. */
const pieces = ({ from, to }: Hours): readonly Hours[] =>
  from < to
    ? [{ from, to }]
    : [
        { from: '00:00', to },
        { from, to: '24:00' },
      ];

const inside = (walls: Hours, hours: Hours): Hours => ({
  from: hours.from > walls.from ? hours.from : walls.from,
  to: hours.to < walls.to ? hours.to : walls.to,
});

/** Hours of a day, in their order; none: nothing may be sent on it. */
const hoursOn = (strategy: Strategy, agreed: readonly AgreedHours[], date: LocalDate): readonly Hours[] => {
  const { sms, smsHours } = strategy.caps;
  if (kindOfDay(strategy.calendar, date) === 'blackout') return [];
  const own = holding(agreed, date);
  if (own.length === 0) return [{ from: sms.from, to: sms.to }];
  return own
    .flatMap(pieces)
    .map((hours) => inside(smsHours, hours))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
};

/** The first instant at or after this one at which an SMS may go; null: none in sight. */
export const intoSmsHours = (strategy: Strategy, agreed: readonly AgreedHours[], at: Instant): Instant | null => {
  const { zone } = strategy.about;
  const today = businessDate(at, zone);
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const date = addDays(today, ahead);
    for (const { from, to } of hoursOn(strategy, agreed, date)) {
      const instant = later(at, localInstant(date, from, zone));
      if (instant < localInstant(date, to, zone)) return instant;
    }
  }
  return null;
};

/**
 * The instant of a day for what goes in bulk at a time: that time, else the next agreed hours of the day, else its first ones,
 * so that hours which end before the time do not move it to another day.
 */
export const bulkInstant = (
  strategy: Strategy,
  agreed: readonly AgreedHours[],
  date: LocalDate,
  time: string,
): Instant => {
  const { zone } = strategy.about;
  const hours = holding(agreed, date).length === 0 ? [] : hoursOn(strategy, agreed, date);
  const next = hours.find(({ to }) => to > time) ?? hours[0];
  const at = next === undefined ? time : next.from <= time && time < next.to ? time : next.from;
  return localInstant(date, at, zone);
};

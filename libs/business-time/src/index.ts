export {
  addDays,
  DAY_MS,
  type DateRange,
  daysBetween,
  dpdOf,
  earliest,
  isDate,
  isWeekend,
  isWorkday,
  type KindOfDay,
  kindOfDay,
  type LocalDate,
  monthsBefore,
  type WorkCalendar,
} from './dates.js';
export { HOUR_MS, type Instant, later, MINUTE_MS, plusMinutes, snapUp, toInstant } from './instants.js';
export { isTimeOfDay, minutesOf } from './times.js';
export {
  businessDate,
  type DayBounds,
  dayBounds,
  endOfDay,
  isZone,
  type LocalTime,
  localInstant,
  localMs,
  localTime,
} from './zones.js';

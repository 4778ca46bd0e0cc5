import { addDays, localInstant } from '@mora/business-time';

/** The zone of the sample book, of its strategy and of its bank. */
export const ZONE = 'Asia/Shanghai';

/** Local midnight with which a date begins, or one some days later. */
export const midnight = (date: string, plusDays = 0): string => localInstant(addDays(date, plusDays), '00:00', ZONE);

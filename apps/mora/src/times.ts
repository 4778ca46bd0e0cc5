/** Instants as people of the bank read them: in its zone. `--json` keeps UTC. */
import { localTime } from '@mora/business-time';
import { ZONE } from './business-zone.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** `2026-11-02 09:31:05` of an instant; anything else as it is. */
export const inBankTime = (value: unknown): unknown =>
  typeof value === 'string' && INSTANT.test(value)
    ? localTime(Date.parse(value), ZONE).text.slice(0, 19).replace('T', ' ')
    : value;

import type { z } from 'zod';
import { dialerEvents } from './dialer.js';
import type { Source } from './envelope.js';
import { guardEvents } from './guard.js';
import { intakeEvents } from './intake.js';
import { scoringEvents } from './scoring.js';
import { smsEvents } from './sms.js';
import { telephonyEvents } from './telephony.js';
import { policyEvents, tieringEvents } from './tiering.js';

/** Every published event by source and type. */
export const CATALOGUE: Readonly<Record<Source, Readonly<Record<string, z.ZodType>>>> = {
  intake: intakeEvents.schemas,
  tiering: tieringEvents.schemas,
  policy: policyEvents.schemas,
  guard: guardEvents.schemas,
  dialer: dialerEvents.schemas,
  telephony: telephonyEvents.schemas,
  sms: smsEvents.schemas,
  scoring: scoringEvents.schemas,
};

/** The runtime check of an event type, or undefined when the type is not published by that source. */
export const schemaOf = (source: string, type: string): z.ZodType | undefined =>
  Object.hasOwn(CATALOGUE, source) && Object.hasOwn(CATALOGUE[source as Source], type)
    ? CATALOGUE[source as Source][type]
    : undefined;

import type { DialerEvent, IntakeEvent, SmsEvent, Source, TelephonyEvent, TieringEvent } from '@mora/contracts';
import { createProcessor, type Processor } from '@mora/eventing';
import { onDialer } from './on-dialer.js';
import { onIntake } from './on-intake.js';
import { onSms } from './on-sms.js';
import { onTelephony } from './on-telephony.js';
import { onTiering } from './on-tiering.js';

/** Sources without whose fresh word nobody is contacted. */
export const REQUIRED_SOURCES = [
  'intake',
  'tiering',
  'dialer',
  'telephony',
  'sms',
] as const satisfies readonly Source[];

/** @param zone in which the bank's dates end */
export const guardProcessor = (zone: string): Processor =>
  createProcessor<IntakeEvent | TieringEvent | DialerEvent | TelephonyEvent | SmsEvent>()({
    name: 'contact-guard',
    sources: REQUIRED_SOURCES,
    on: { ...onIntake(zone), ...onTiering, ...onDialer, ...onTelephony, ...onSms },
  });

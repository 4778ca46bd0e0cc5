import type { DialerEvent, IntakeEvent, SmsEvent, Source, TelephonyEvent, TieringEvent } from '@mora/contracts';
import { createProcessor, type Processor } from '@mora/eventing';
import { EventProcessor, type ProvidesProcessor } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { GUARD_CONFIG, type GuardConfig } from '../config.js';
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

@EventProcessor()
@Injectable()
export class GuardReactions implements ProvidesProcessor {
  readonly processor: Processor;

  constructor(@Inject(GUARD_CONFIG) { profiles }: GuardConfig) {
    this.processor = guardProcessor(profiles[0]?.content.zones[0] ?? 'UTC');
  }
}

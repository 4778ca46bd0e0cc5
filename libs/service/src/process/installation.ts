/** Which service owns which source, and whose processes read it: fixed by the architecture, checked against what really opens. */
import type { Source } from '@mora/contracts';

/** The process that owns a source and answers `feed.v1` for it. */
export const OWNERS: Readonly<Record<Source, string>> = {
  intake: 'debtor-intake',
  tiering: 'risk-tiering',
  policy: 'risk-tiering',
  guard: 'contact-guard',
  dialer: 'dialer',
  telephony: 'telephony-gateway',
  sms: 'sms-trigger',
  scoring: 'scoring',
};

/** Processes that keep checkpoints of a source: asked before its first append. */
export const SUBSCRIBERS: Readonly<Record<Source, readonly string[]>> = {
  intake: ['contact-guard', 'risk-tiering', 'dialer', 'sms-trigger', 'scoring', 'analytics'],
  tiering: ['contact-guard', 'dialer', 'sms-trigger', 'scoring', 'analytics'],
  policy: ['analytics'],
  guard: ['dialer', 'sms-trigger', 'risk-tiering', 'analytics'],
  dialer: ['contact-guard', 'risk-tiering', 'sms-trigger', 'scoring', 'analytics'],
  telephony: ['contact-guard', 'dialer', 'analytics'],
  sms: ['contact-guard', 'risk-tiering', 'analytics'],
  scoring: ['risk-tiering', 'analytics'],
};

/** Those without whose word the source stays closed: who acts on the guard's permits must never know more of them than it does. */
export const REQUIRED_SUBSCRIBERS: Readonly<Partial<Record<Source, readonly string[]>>> = {
  guard: ['dialer', 'sms-trigger'],
};

export const SERVICES: readonly string[] = [...new Set([...Object.values(OWNERS), 'analytics'])];

/** Where a process listens for the others unless `MORA_PEERS` says otherwise: its Kubernetes name. */
export const DEFAULT_GRPC_PORT = 50_051;

export const shardsOf = (source: Source, shards: number): number => (source === 'policy' ? 1 : shards);

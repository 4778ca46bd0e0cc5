import type { Violation, ViolationKind } from './evidence.js';

/** A call or an SMS as its carrier saw it leave. */
export interface Left {
  readonly channel: 'call' | 'sms';
  readonly contactId: string;
  readonly debtorId: string;
  readonly number: string;
  readonly businessAt: string;
  readonly wallAt: string;
  readonly businessMs: number;
  readonly wallMs: number;
  /** Local date and second of the day in Shanghai. */
  readonly day: string;
  readonly second: number;
  readonly trigger: string | null;
}

const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export const leftOf = (
  channel: Left['channel'],
  contactId: string,
  record: { debtorId: string; number: string; businessAt: string; wallAt: string; trigger?: string },
): Left => {
  const businessMs = Date.parse(record.businessAt);
  return {
    channel,
    contactId,
    debtorId: record.debtorId,
    number: record.number,
    businessAt: record.businessAt,
    wallAt: record.wallAt,
    businessMs,
    wallMs: Date.parse(record.wallAt),
    day: Number.isNaN(businessMs) ? '' : new Date(businessMs + SHANGHAI_MS).toISOString().slice(0, 10),
    second: Math.floor(((businessMs + SHANGHAI_MS) % DAY_MS) / 1_000),
    trigger: record.trigger ?? null,
  };
};

export const inOrder = (a: Left, b: Left): number => a.businessMs - b.businessMs || a.wallMs - b.wallMs;

export const violation = (kind: ViolationKind, left: Left, because: string): Violation => ({
  kind,
  contactId: left.contactId,
  debtorId: left.debtorId,
  businessAt: left.businessAt,
  wallAt: left.wallAt,
  because,
});

/** Groups in order of first appearance. */
export const groupBy = <T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
};

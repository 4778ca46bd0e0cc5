/**
 * The rules by which the guard's specs judge: only the kinds that they need, under ids of their own, so that a rule added to
 * a shipped profile changes none of them. The shipped rules have their specs in `libs/contact-rules`.
 */
import { type Check, parseProfile } from '@mora/contact-rules';
import type { Channel, StopKind } from '@mora/contracts';

export const rule = (id: string, check: Check, channels: readonly Channel[] = ['call', 'sms']) => ({
  id,
  text: `The specs' own ${check.kind} rule.`,
  scope: { channels, actors: ['bank'], parties: ['debtor'] },
  enforcement: 'deny',
  effective: { from: null, to: null },
  source: 'the specs of the guard',
  confidence: 'O',
  check,
});

type Counter = Extract<Check, { readonly kind: 'counter' }>;
const perDay = (id: string, channel: Channel, of: Omit<Counter, 'kind' | 'windows'>) =>
  rule(id, { kind: 'counter', windows: ['calendar-day'], ...of }, [channel]);

const stop = (id: string, ...stops: StopKind[]) => rule(id, { kind: 'stop', stops, numberBars: false });

const day = { from: '08:00', to: '22:00' };

type SmallRule = ReturnType<typeof rule>;

/** Three connected calls, six unanswered tries of a number and one SMS a day. */
export const smallProfileWith = (...more: readonly SmallRule[]) =>
  parseProfile(
    // Every JSON text is YAML: it passes the same checks as a shipped profile.
    JSON.stringify({
      id: 'SMALL',
      name: 'Small',
      jurisdiction: 'none',
      note: 'For specs only.',
      zones: ['Asia/Shanghai'],
      calendar: { name: 'no holidays', holidays: [], workingWeekends: [] },
      permit: { lifeSeconds: 15, ringMaxSeconds: 35 },
      rules: [
        rule('SMALL-HOURS', {
          kind: 'hours',
          allow: { call: day, sms: day },
          endBy: day.to,
          exceptions: ['agreed-window'],
        }),
        perDay('SMALL-CONNECTED', 'call', { counts: 'connected', key: 'debtor', limit: 3, exceptions: [] }),
        perDay('SMALL-ATTEMPTS', 'call', { counts: 'unanswered', key: 'number', limit: 6, exceptions: [] }),
        perDay('SMALL-SMS', 'sms', {
          counts: 'sms',
          key: 'debtor',
          limit: 1,
          exceptions: ['solicited', 'acknowledgement'],
        }),
        rule('SMALL-PAID', { kind: 'paid' }),
        rule('SMALL-FRESH', { kind: 'postings-fresh', maxAgeHours: 26, retryMinutes: 60 }),
        rule('SMALL-RECORD-FRESH', { kind: 'record-fresh', businessDays: 2 }),
        stop('SMALL-COMPLAINT', 'complaint'),
        stop('SMALL-PLAN', 'plan'),
        stop('SMALL-DISPUTED', 'disputed'),
        stop('SMALL-CLAIMS-PAID', 'claims-paid'),
        rule('SMALL-HANDED-OVER', {
          kind: 'stop',
          stops: ['handed-over'],
          numberBars: false,
          exceptions: ['solicited'],
        }),
        rule('SMALL-BARRED', {
          kind: 'stop',
          stops: ['stop-asked'],
          numberBars: true,
          exceptions: ['acknowledgement'],
        }),
        rule('SMALL-HALT', { kind: 'halt' }),
        rule('SMALL-PARKED', { kind: 'parked' }),
        rule('SMALL-CLOCK', { kind: 'clock', maxSkewMs: 2_000, retryMinutes: 5 }),
        rule('SMALL-STALE', { kind: 'stale', maxAgeSeconds: 30, retrySeconds: 30 }),
        ...more,
      ],
    }),
    'small',
  );

export const smallProfile = smallProfileWith();

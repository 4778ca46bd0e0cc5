/** A gateway with two lines, and calls that it may place. */
import { type OriginateRequest, type Permit, uuidv5 } from '@mora/contracts';
import { phoneRefOf } from '@mora/keys';
import type { GatewayConfig } from '../config.js';
import { context, DEBTOR } from '../leg/leg-fixtures.js';
import { dialogue } from '../talk/dialogue-fixture.js';

export const START = '2026-11-02T02:00:00.000Z';
export const WALL = Date.parse('2026-11-23T00:00:00.000Z');
export const dataKey = { keyId: 'k1', key: new Uint8Array(32) };
export const NUMBER = '+8613800000001';
export const PHONE = phoneRefOf(dataKey.key, NUMBER);

export const config: GatewayConfig = {
  gatewayId: 'gw',
  trunk: 'trunk-1',
  numberShown: '4006',
  channels: 2,
  startsPerSecond: 5,
  incarnation: 'gw-1',
  verifyPermit: (permit) => (permit.signature === 'good' ? null : 'bad signature'),
  simulated: { seed: 7, logPath: 'no-such-folder/carrier.ndjson' },
};

export const attemptOf = (name: string): string => uuidv5(DEBTOR, name);

export const requestFor = (
  attemptId: string,
  permit: Partial<Permit> = {},
  debtorId: string = DEBTOR,
): OriginateRequest => ({
  attemptId,
  contactId: attemptId,
  debtorId,
  context,
  phoneRef: PHONE,
  permit: {
    contactId: attemptId,
    debtorId,
    phoneRef: PHONE,
    channel: 'call',
    gatewayId: 'gw',
    startNotAfter: new Date(WALL + 15_000).toISOString(),
    ringMaxSeconds: 35,
    endBy: '2026-11-02T13:55:00.000Z',
    keyId: 'k',
    signature: 'good',
    ...permit,
  },
  number: NUMBER,
  voice: 'F1',
  dialogueHash: 'd',
  dialogue,
});

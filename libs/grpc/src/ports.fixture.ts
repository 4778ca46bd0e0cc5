/** The values that cross the ports in tests. */
import type { AuthorizeRequest, ContactContext, OriginateRequest, Permit } from '@mora/contracts';

export const CONTEXT: ContactContext = {
  caseId: 'case-1',
  accountId: 'account-1',
  treatmentId: 'treatment-1',
  businessDate: '2026-11-02',
  dpd: 3,
  tier: 'M',
  term: 'short',
  stage: 'm-first',
  experimentId: '',
  arm: '',
  strategyHash: 'hash',
  channel: 'call',
  ordinalInEpisode: 1,
  ordinalToday: 0,
};

export const PERMIT: Permit = {
  contactId: 'attempt-1',
  debtorId: 'debtor-1',
  phoneRef: 'phone-ref-1',
  channel: 'call',
  gatewayId: 'gateway-1',
  startNotAfter: '2026-01-01T00:00:15.000Z',
  ringMaxSeconds: 25,
  endBy: '2026-11-02T13:50:00.000Z',
  keyId: 'key-1',
  signature: 'c2lnbmVk',
};

export const ASKED: AuthorizeRequest = {
  contactId: 'attempt-1',
  debtorId: 'debtor-1',
  channel: 'call',
  phoneRef: 'phone-ref-1',
  gatewayId: 'gateway-1',
  actor: 'bank',
  party: 'debtor',
  context: CONTEXT,
  accountIds: ['account-1', 'account-2'],
  solicitedBy: null,
  askedBy: null,
};

export const CALL: OriginateRequest = {
  attemptId: 'attempt-1',
  contactId: 'attempt-1',
  debtorId: 'debtor-1',
  context: CONTEXT,
  phoneRef: 'phone-ref-1',
  permit: PERMIT,
  number: '+8613800000001',
  voice: 'voice-1',
  dialogueHash: 'd-hash',
  dialogue: { format: 1, hash: 'd-hash', text: '您好 "quoted" \u0000 \ud83d\ude00', nothing: null, list: [1.5, -0.25] },
};

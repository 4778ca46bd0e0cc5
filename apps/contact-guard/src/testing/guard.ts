/** The guard as its specs start it: it judges by the small profile, has two shards and knows a case of Ann's and of Bob's. */
import type { RuleProfile } from '@mora/contact-rules';
import type { AuthorizeReply, AuthorizeRequest, NewEvent } from '@mora/contracts';
import { createPermitSigner, permitKeyOfSecret } from '@mora/keys';
import type { Platform } from '@mora/service';
import { ContactGuardModule } from '../contact-guard.module.js';
import { ANN, BOB, caseOpened, context, postedThrough, sh } from './facts.js';
import { smallProfile } from './small-profile.js';

const SHARDS = 2;
export const signer = createPermitSigner(permitKeyOfSecret(Buffer.alloc(32, 7)));

/** Numbers with the same ending are one number. */
export const numberKey = async (_debtorId: string, phoneRef: string) => phoneRef.replace(/^.*-/, 'key-');

/** Options of its `serviceWorld`. */
export const guardBy = (profile: RuleProfile) => ({
  module: (platform: Platform) => ContactGuardModule.for(platform, { profiles: [profile], signer, staleWaitMs: 0 }),
  at: sh('2026-11-04T10:00:00.000'),
  shards: SHARDS,
  ports: { intake: { numberKey } },
});
export const guardAtTen = guardBy(smallProfile);

export const everyShard = (category: string): readonly string[] =>
  Array.from({ length: SHARDS }, (_, shard) => `${category}-shard-${shard}`);

/** What intake has said before anybody is contacted, each with its subject. */
export const intakeSaid: readonly (readonly [subject: string, fact: NewEvent])[] = [
  ...[ANN, BOB].map((debtorId) => [debtorId, caseOpened(debtorId)] as const),
  ...everyShard('bank').map((bank) => [bank, postedThrough(sh('2026-11-04T06:00:00.000'))] as const),
];

/** May Ann be called at her first number? */
export const request = (contactId: string, over: Partial<AuthorizeRequest> = {}): AuthorizeRequest => ({
  contactId,
  debtorId: ANN,
  channel: 'call',
  phoneRef: 'ann-phone-1',
  gatewayId: 'gw-1',
  actor: 'bank',
  party: 'debtor',
  context: context({ channel: over.channel ?? 'call' }),
  accountIds: ['acc-1'],
  solicitedBy: null,
  askedBy: null,
  ...over,
});

export const deniedBy = (reply: AuthorizeReply): readonly string[] => (reply.result === 'denied' ? reply.deniedBy : []);

/** `contact-guard` as a process of its own. */

import { shippedProfile } from '@mora/contact-rules';
import { createPermitSigner, MAX_PERMIT_LIFE_MS, permitKeyOfSecret, seededPermitSecret } from '@mora/keys';
import { bytes, runProcess, text } from '@mora/service';
import { contactGuardService } from './contact-guard.module.js';

await runProcess({
  name: 'contact-guard',
  settings: { ruleProfiles: text('cn-bank-creditcard') },
  secrets: { permitKey: bytes(32) },
  define: ({ config, secret }) => {
    const key = permitKeyOfSecret(secret(seededPermitSecret, ({ permitKey }) => permitKey));
    const profiles = config.ruleProfiles.split(',').map((name) => shippedProfile(name.trim()));
    return {
      definitions: [contactGuardService({ profiles, signer: createPermitSigner(key) })],
      closedAfterLossMs: MAX_PERMIT_LIFE_MS,
    };
  },
});

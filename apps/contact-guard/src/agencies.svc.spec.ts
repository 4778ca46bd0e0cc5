import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, GuardApi } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { ANN, reported } from './testing/facts.js';
import { deniedBy, guardBy, intakeSaid, request } from './testing/guard.js';
import { rule, smallProfileWith } from './testing/small-profile.js';

const published = [{ agency: 'agency-1', from: '2026-01-01', to: null }];
const anybody = ['bank', 'agency', 'human'];
const agencyRule = {
  ...rule('SMALL-AGENCY', { kind: 'agency', published }),
  scope: { ...rule('X', { kind: 'halt' }).scope, actors: anybody },
};

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, { actor: 'agency', actorId: 'agency-1', ...over }));
const agencyNotice = { agency: 'agency-1', toldOn: '2026-11-03' };

beforeEach(async () => {
  world = await serviceWorld(guardBy(smallProfileWith(agencyRule)));
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('an agency', () => {
  test('may contact the debtor once the bank has said that he was told of it', async () => {
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-AGENCY']);
    await world.given('intake', ANN, reported('2026-11-04', { agencyNotice }));
    expect((await ask('c-2')).result).toBe('allowed');
    expect(deniedBy(await ask('c-3', { actorId: 'agency-2' }))).toEqual(['SMALL-AGENCY']);
  });

  test('keeps the notice when a later record says nothing of it, and loses it when one says that there is none', async () => {
    await world.given('intake', ANN, reported('2026-11-04', { agencyNotice }));
    await world.given('intake', ANN, reported('2026-11-05', { unsaid: ['agency_notice'] }));
    expect((await ask('c-1')).result).toBe('allowed');
    await world.given('intake', ANN, reported('2026-11-03'));
    expect((await ask('c-2')).result).toBe('allowed');
    await world.given('intake', ANN, reported('2026-11-06'));
    expect(deniedBy(await ask('c-3'))).toEqual(['SMALL-AGENCY']);
  });
});

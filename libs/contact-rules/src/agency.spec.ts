import { describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest } from '@mora/contracts';
import { evaluate, type RuleInputs, type RuleProfile, ruleProfile, verdictOf } from './index.js';
import { call, inputs, profile, request, ruleOf, sh, stop } from './rules.fixture.js';

/** The shipped profile, with an agency on the list that the bank publishes. */
const listed: RuleProfile = {
  ...profile,
  content: ruleProfile.parse({
    ...profile.content,
    rules: profile.content.rules.map((rule) =>
      rule.check.kind === 'agency'
        ? {
            ...rule,
            check: { kind: 'agency', published: [{ agency: 'agency-1', from: '2026-10-01', to: '2026-11-30' }] },
          }
        : rule,
    ),
  }),
};
const deniedBy = (i: RuleInputs) => verdictOf([listed], i, evaluate([listed], i)).deniedBy;

const told = (agency: string, toldOn: string): Pick<RuleInputs, 'accounts'> => ({
  accounts: { 'acc-1': { ...inputs().accounts['acc-1']!, agencyNotice: { agency, toldOn } } },
});
const byAgency = (over: Partial<RuleInputs> = {}, of: Partial<AuthorizeRequest> = {}) =>
  inputs({
    ...told('agency-1', '2026-11-03'),
    ...over,
    request: request({ actor: 'agency', actorId: 'agency-1', ...of }),
  });

describe('CN-AGENCY', () => {
  test('permits an agency on the published list of which the debtor was told, from that day on', () => {
    expect(deniedBy(byAgency())).toEqual([]);
    expect(deniedBy(byAgency(told('agency-1', '2026-11-04')))).toEqual([]);
    expect(deniedBy(byAgency(told('agency-1', '2026-11-05')))).toEqual(['CN-AGENCY']);
  });

  test('denies one of which the debtor was not told, or was told of another', () => {
    expect(deniedBy(byAgency({ accounts: inputs().accounts }))).toEqual(['CN-AGENCY']);
    expect(deniedBy(byAgency(told('agency-2', '2026-11-03')))).toEqual(['CN-AGENCY']);
  });

  test('denies when one of the accounts spoken of was not told of', () => {
    const accounts = { ...told('agency-1', '2026-11-03').accounts, 'acc-2': inputs().accounts['acc-1']! };
    expect(deniedBy(byAgency({ accounts }, { accountIds: ['acc-1', 'acc-2'] }))).toEqual(['CN-AGENCY']);
  });

  test('denies one that is not on the list, no more on it, or does not say who it is', () => {
    const two = { ...told('agency-2', '2026-11-03') };
    expect(deniedBy(byAgency(two, { actorId: 'agency-2' }))).toEqual(['CN-AGENCY']);
    expect(deniedBy(byAgency({}, { actorId: null }))).toEqual(['CN-AGENCY']);
    const later = sh('2026-12-01T10:00:00.000');
    expect(deniedBy(byAgency({ at: later }))).toContain('CN-AGENCY');
  });

  test('as shipped names no agency, so none may act, and concerns nobody else', () => {
    expect(ruleOf(byAgency(), 'CN-AGENCY').result).toBe('deny');
    expect(ruleOf(inputs(), 'CN-AGENCY').result).toBe('not-applicable');
    expect(ruleOf(inputs({ request: request({ actor: 'human' }) }), 'CN-AGENCY').result).toBe('not-applicable');
  });
});

describe('a person at the desk', () => {
  const human = (over: Partial<RuleInputs> = {}, actorId: string | null = 'collectors') =>
    inputs({ ...over, request: request({ actor: 'human', actorId }) });

  test('is bound by every counter and by the hours', () => {
    const calls = ['T08:00', 'T08:30', 'T09:00'].map((t) => call(sh(`2026-11-04${t}:00.000`)));
    expect(deniedBy(human())).toEqual([]);
    expect(deniedBy(human({ contacts: calls }))).toEqual(['CN-CONNECTED']);
    expect(deniedBy(human({ at: sh('2026-11-04T22:30:00.000') }))).toEqual(['CN-HOURS']);
    for (const { scope, check } of profile.content.rules)
      if (check.kind === 'counter') expect(scope.actors).toContain('human');
  });

  test('may contact during a complaint only from the complaint desk, to which the rest applies', () => {
    const stops = [stop({})];
    expect(deniedBy(human({ stops }))).toEqual(['CN-COMPLAINT']);
    expect(deniedBy(human({ stops }, null))).toEqual(['CN-COMPLAINT']);
    expect(deniedBy(human({ stops }, 'complaints'))).toEqual([]);
    expect(deniedBy(human({ stops, at: sh('2026-11-04T22:30:00.000') }, 'complaints'))).toEqual(['CN-HOURS']);
    const agency = request({ actor: 'agency', actorId: 'complaints' });
    expect(deniedBy(inputs({ stops, request: agency }))).toContain('CN-COMPLAINT');
  });

  test('works what is handed over to him', () => {
    expect(
      deniedBy(human({ stops: [stop({ kind: 'handed-over' }), stop({ stopId: 's-2', kind: 'hardship' })] })),
    ).toEqual([]);
  });
});

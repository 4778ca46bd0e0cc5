import { localTime } from '@mora/business-time';
import { accountsSpokenOf } from './conditions.js';
import type { Finding, RuleInputs } from './inputs.js';
import type { CheckOf } from './profile.js';

type Agency = CheckOf<'agency'>;

const isPublished = ({ published }: Agency, agency: string | null, today: string): boolean =>
  published.some((one) => one.agency === agency && one.from <= today && (one.to === null || today <= one.to));

/** Whoever else acts is not concerned. */
export const checkAgency = (check: Agency, inputs: RuleInputs, zone: string): Finding => {
  const { request } = inputs;
  if (request.actor !== 'agency') return { result: 'not-applicable' };
  const agency = request.actorId ?? null;
  const today = localTime(Date.parse(inputs.at), zone).date;
  const notices = accountsSpokenOf(request).map((accountId) => ({
    accountId,
    notice: inputs.accounts[accountId]?.agencyNotice ?? null,
  }));
  const told = notices.every(({ notice }) => notice !== null && notice.agency === agency && notice.toldOn <= today);
  const published = isPublished(check, agency, today);
  return {
    result: told && published ? 'allow' : 'deny',
    facts: notices.flatMap(({ accountId }) => inputs.accounts[accountId]?.fact ?? []),
    inputs: { agency, published, today, notices },
  };
};

/** What was lost, as a person reads it before he confirms. */
import type { History } from '@mora/service';
import { inBankTime } from './times.js';
import { say } from './words.js';

const SHOWN = 20;

const ofService = ({ service, lost, missing }: History): readonly string[] => [
  ...lost.map(({ source, epoch, reason }) => `${service}: ${source} ${say('epoch {epoch}', { epoch })}: ${reason}`),
  ...(missing.length === 0
    ? []
    : [
        say('{n} contacts that the logs of carrier and SMSC know and {service} does not:', {
          n: missing.length,
          service,
        }),
      ]),
  ...missing
    .slice(0, SHOWN)
    .map(({ channel, contactId, debtorId, at }) => `  ${inBankTime(at)} ${channel} ${contactId} ${debtorId}`),
  ...(missing.length > SHOWN ? [`  ${say('and {n} more', { n: missing.length - SHOWN })}`] : []),
];

export const historyShown = (history: readonly History[]): string =>
  history.length === 0
    ? say('nothing was lost')
    : [
        say('HISTORY WAS LOST: a database was put back, or failed over. Nobody is contacted before you confirm.'),
        ...history.flatMap(ofService),
        say('"mora history confirm" counts these contacts as made, and goes on.'),
      ].join('\n');

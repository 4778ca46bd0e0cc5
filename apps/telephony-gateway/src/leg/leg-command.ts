/** Wraps a decision on one leg into a command. */
import type { TelephonyEvent } from '@mora/contracts';
import { append, type Command, command, ref } from '@mora/eventing';
import { type Leg, leg } from './leg.js';

export const legCommand = (
  attemptId: string,
  debtorId: string,
  decide: (state: Leg) => readonly TelephonyEvent[],
  keyId: string | null = null,
): Command => {
  const stream = ref(leg, attemptId);
  return command({
    name: 'leg',
    subject: debtorId,
    cause: `cmd:leg/${attemptId}`,
    streams: [stream],
    about: { keyId },
    decide: ([state]) => {
      const known = 'ref' in state ? state.ref.context.caseId : debtorId;
      return decide(state).map((event) => append(stream, event, { correlationId: caseOf(event) ?? known }));
    },
  });
};

const caseOf = (event: TelephonyEvent): string | null => ('context' in event.data ? event.data.context.caseId : null);

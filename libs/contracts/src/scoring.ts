import { z } from 'zod';
import { defineEvents } from './define.js';
import { flagLabel, intentLabel, reasonLabel } from './labels.js';

export const scoringEvents = defineEvents('scoring', {
  /** How likely the account is cured within three days without a human, 0–100, with every row that fired. */
  AccountScored: z.object({
    caseId: z.string(),
    debtorId: z.string(),
    accountId: z.string(),
    scorecardHash: z.string(),
    score: z.number().min(0).max(100),
    band: z.enum(['A', 'B', 'C', 'D']),
    features: z.record(z.string(), z.unknown()),
    /** Every row that fired, with its points. */
    reasons: z.array(z.object({ row: z.string(), points: z.number(), inputs: z.record(z.string(), z.unknown()) })),
    trigger: z.string(),
  }),
  /** Labels of one conversation, with the turns that are their evidence. */
  ConversationLabelled: z.object({
    caseId: z.string(),
    debtorId: z.string(),
    accountId: z.string(),
    attemptId: z.string(),
    intent: intentLabel,
    intentTurns: z.array(z.number().int()),
    reason: reasonLabel,
    flags: z.array(flagLabel),
    rightParty: z.boolean(),
  }),
});
export type ScoringEvent = (typeof scoringEvents)['Event'];

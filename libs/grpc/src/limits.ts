/** How much a request may carry, by message type: looked at in its bytes, before anything is made of them. */
import type { DescMessage, DescService } from '@bufbuild/protobuf';
import { unaryMethodsOf } from './methods.js';

export interface MessageLimits {
  /** Of one message with all that is in it. */
  readonly bytes: number;
  /** Of each list or map, by its name in the contract. */
  readonly items: Readonly<Record<string, number>>;
}

const KB = 1_024;
/** A fact of the bank, as in its topics. */
const FACT = { bytes: 256 * KB };
const USUAL: MessageLimits = { bytes: 64 * KB, items: {} };
/** Of a list that its message does not limit. */
const USUAL_ITEMS = 100;

/** Where the usual ones do not fit. */
const OWN: Readonly<Record<string, Partial<MessageLimits>>> = {
  'mora.intake.v1.SubmitBatchRequest': { bytes: 16 * KB * KB, items: { facts: 10_000 } },
  'mora.intake.v1.Fact': FACT,
  'mora.intake.v1.RecordAccountRequest': FACT,
  'mora.intake.v1.PostPaymentRequest': FACT,
  'mora.intake.v1.ReversePaymentRequest': FACT,
  'mora.intake.v1.RedriveRequest': { ...FACT, items: { corrected: 200 } },
  'mora.intake.v1.RawField': FACT,
  'mora.intake.v1.BeginRequest': { items: { columns: 500 } },
  // With a compiled dialogue.
  'mora.telephony.v1.OriginateRequest': { bytes: KB * KB },
};

const limitsOf = (schema: DescMessage): MessageLimits => ({ ...USUAL, ...OWN[schema.typeName] });

export const mostBytes = (schema: DescMessage): number => limitsOf(schema).bytes;

export const mostItems = (schema: DescMessage, field: string): number => limitsOf(schema).items[field] ?? USUAL_ITEMS;

/** Of the largest request that any method of these services takes. */
export const largestRequest = (services: readonly DescService[]): number =>
  Math.max(0, ...services.flatMap((desc) => unaryMethodsOf(desc).map(({ input }) => mostBytes(input))));

/** Types that have limits of their own. */
export const LIMITED: readonly string[] = Object.keys(OWN);

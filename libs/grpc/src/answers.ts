/** What a caller is told of an error: its literal `code` in the metadata, a gRPC status, and a text where it is meant for him. */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { CODE_KEY } from './methods.js';

/** Statuses of codes that a service lists itself. */
export type StatusByCode = Readonly<Record<string, status>>;

export interface GrpcAnswer {
  readonly code: string;
  readonly status: status;
  readonly message: string;
}

const KNOWN_CODES: StatusByCode = {
  UNDECODABLE_REQUEST: status.INVALID_ARGUMENT,
  INVALID_REQUEST: status.INVALID_ARGUMENT,
  UNSTORABLE_DATA: status.INVALID_ARGUMENT,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  FEED_STOPPED: status.UNAVAILABLE,
  SHARD_COUNT_MISMATCH: status.FAILED_PRECONDITION,
  SLOT_RELEASED: status.ABORTED,
  PERMIT_FOR_OTHER: status.FAILED_PRECONDITION,
  CONTACT_NOT_JUDGED: status.FAILED_PRECONDITION,
  NOT_OFFERED: status.UNIMPLEMENTED,
  UNKNOWN_SOURCE: status.NOT_FOUND,
  UNKNOWN_SERVICE: status.NOT_FOUND,
  PARKED_NOT_FOUND: status.NOT_FOUND,
  LOAD_UNKNOWN: status.NOT_FOUND,
  NOT_ON_THIS_MACHINE: status.FAILED_PRECONDITION,
  CLOCK_IS_REAL: status.FAILED_PRECONDITION,
  CLOCK_BACKWARDS: status.FAILED_PRECONDITION,
};

const INTERNAL: GrpcAnswer = { code: 'INTERNAL', status: status.INTERNAL, message: 'internal error' };

/** Only codes that are listed, and refusals of the domain, are told to the caller; the rest is ours to look into. */
export const answerOf = (error: unknown): GrpcAnswer => {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return INTERNAL;
  const { code, message, name } = error as Error & { code: string };
  if (Object.hasOwn(KNOWN_CODES, code)) return { code, status: KNOWN_CODES[code]!, message };
  return name === 'CommandRefused' ? { code, status: status.FAILED_PRECONDITION, message } : INTERNAL;
};

export const refusal = ({ code, status: given, message }: GrpcAnswer): StatusObject => {
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  return { code: given, details: message, metadata };
};

/** An error that Nest's filter has already turned into an answer. */
export const isAnswer = (error: unknown): error is StatusObject => {
  const given = error as Partial<StatusObject> | null | undefined;
  return typeof given?.code === 'number' && given.metadata instanceof Metadata;
};

/** Clients of services that `proto/` describes: unary calls, deadlines, size limits, errors by their literal `code`. */
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientOptions,
  credentials as clientCredentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { NO_TRACE, type Trace } from '@mora/eventing';
import { CLIENT_KEEP_ALIVE, CODE_KEY, MAX_MESSAGE_BYTES, pathOf, rpcAttributes, unaryMethodsOf } from './methods.js';

const DEADLINE_MS = 10_000;

/** Methods of a service whose both sides are single messages; streams are not used. */
type UnaryMethods<S extends DescService> = {
  [K in keyof S['method'] as S['method'][K] extends DescMethodUnary
    ? K
    : never]: S['method'][K] extends DescMethodUnary<infer I, infer O>
    ? { readonly input: I; readonly output: O }
    : never;
};

/** What calls a service; each call fails with RemoteError only. */
export type RemoteService<S extends DescService> = {
  [K in keyof UnaryMethods<S>]: (
    request: MessageInitShape<UnaryMethods<S>[K]['input']>,
    options?: RemoteCallOptions,
  ) => Promise<MessageShape<UnaryMethods<S>[K]['output']>>;
};

export interface RemoteCallOptions {
  readonly deadlineMs?: number;
  readonly traceparent?: string | null;
  /** Wait for a connection until the deadline instead of failing while there is none. */
  readonly waitForReady?: boolean;
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
  /** The service has the request in hand; called at the latest with its answer. */
  readonly onAcknowledged?: () => void;
}

/** A call to another service failed; `code` is that service's own code, or the name of the gRPC status. */
export class RemoteError extends Error {
  constructor(
    readonly code: string,
    readonly status: status,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RemoteError';
  }
}

export interface RemoteOptions {
  /** For every call that names none. */
  readonly deadlineMs?: number;
  readonly maxMessageBytes?: number;
  readonly credentials?: ChannelCredentials;
  /** Every call is a piece of the work that makes it. */
  readonly trace?: Trace;
}

/** A client of a service at `host:port`; it connects at the first call and again after every break. */
export const clientFor = <S extends DescService>(
  desc: S,
  address: string,
  options: RemoteOptions = {},
): RemoteService<S> & { close(): void } => {
  const { trace = NO_TRACE } = options;
  const limit = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
  const channel: ClientOptions = {
    ...CLIENT_KEEP_ALIVE,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': limit,
    'grpc.max_send_message_length': limit,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2_000,
  };
  const client = new Client(address, options.credentials ?? clientCredentials.createInsecure(), channel);
  const call =
    (method: DescMethodUnary) =>
    (request: MessageInitShape<DescMessage>, per: RemoteCallOptions = {}) => {
      const metadata = new Metadata();
      const path = pathOf(desc, method);
      const parent = per.traceparent ?? trace.current();
      const piece = trace.begin({ name: path, kind: 'client', parent, attributes: rpcAttributes(path) });
      if (piece.traceparent) metadata.set('traceparent', piece.traceparent);
      if (per.waitForReady) metadata.setOptions({ waitForReady: true });
      const settings: CallOptions = { deadline: Date.now() + (per.deadlineMs ?? options.deadlineMs ?? DEADLINE_MS) };
      return new Promise<MessageShape<DescMessage>>((resolve, reject) => {
        if (per.signal?.aborted) throw new RemoteError('CANCELLED', status.CANCELLED, 'the call was given up');
        const running = client.makeUnaryRequest(
          path,
          (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.input, message)),
          (bytes: Buffer) => fromBinary(method.output, bytes),
          create(method.input, request),
          metadata,
          settings,
          (error, answer) => {
            per.signal?.removeEventListener('abort', cancel);
            piece.end(error === null ? undefined : 'RemoteError');
            if (error !== null) reject(remoteError(error));
            else resolve(answer as MessageShape<DescMessage>);
          },
        );
        const cancel = () => running.cancel();
        per.signal?.addEventListener('abort', cancel);
        if (per.onAcknowledged) running.on('metadata', per.onAcknowledged);
      });
    };
  const methods = Object.fromEntries(unaryMethodsOf(desc).map((method) => [method.localName, call(method)]));
  return { ...methods, close: () => client.close() } as unknown as RemoteService<S> & { close(): void };
};

const remoteError = (error: ServiceError): RemoteError => {
  const code = error.metadata?.get(CODE_KEY)[0]?.toString() ?? status[error.code] ?? 'UNKNOWN';
  return new RemoteError(code, error.code, error.details, { cause: error });
};

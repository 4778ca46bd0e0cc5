/** Between protobuf-es service descriptors and grpc-js: unary calls, deadlines, size limits, errors by their literal `code`. */
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
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
  ServerCredentials as serverCredentials,
  status,
} from '@grpc/grpc-js';
import { NO_TRACE, type Trace, traced } from '@mora/eventing';
import { PortInUse } from './errors.js';
import { wireProblem } from './wire-check.js';

/** A batch of a few thousand records, or 500 events of ordinary size, fits. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const DEADLINE_MS = 10_000;
/** A peer that vanished without a word is noticed within both of these together. */
const CLIENT_KEEP_ALIVE = { 'grpc.keepalive_time_ms': 20_000, 'grpc.keepalive_timeout_ms': 5_000 };
const SERVER_KEEP_ALIVE = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 10_000 };
const CODE_KEY = 'mora-code';

/** Methods of a service whose both sides are single messages; streams are not used. */
type UnaryMethods<S extends DescService> = {
  [K in keyof S['method'] as S['method'][K] extends DescMethodUnary
    ? K
    : never]: S['method'][K] extends DescMethodUnary<infer I, infer O>
    ? { readonly input: I; readonly output: O }
    : never;
};

/** What answers the calls of a service. */
export type Implementation<S extends DescService> = {
  [K in keyof UnaryMethods<S>]: (
    request: MessageShape<UnaryMethods<S>[K]['input']>,
    call: CallContext,
  ) => Promise<MessageInitShape<UnaryMethods<S>[K]['output']>>;
};

/** What calls a service; each call fails with RemoteError only. */
export type RemoteService<S extends DescService> = {
  [K in keyof UnaryMethods<S>]: (
    request: MessageInitShape<UnaryMethods<S>[K]['input']>,
    options?: RemoteCallOptions,
  ) => Promise<MessageShape<UnaryMethods<S>[K]['output']>>;
};

export interface CallContext {
  /** Aborted when the caller went away or its deadline passed. */
  readonly signal: AbortSignal;
  readonly traceparent: string | null;
  /** Tells the caller, before there is an answer, that the request is in hand. */
  acknowledge(): void;
}

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

/** The request is no message of the kind that the method takes. */
class UndecodableRequest extends Error {
  readonly code = 'UNDECODABLE_REQUEST';
}

/** Statuses of codes that every service knows; a service adds its own. */
const KNOWN_CODES: Readonly<Record<string, status>> = {
  UNDECODABLE_REQUEST: status.INVALID_ARGUMENT,
  INVALID_REQUEST: status.INVALID_ARGUMENT,
  UNSTORABLE_DATA: status.INVALID_ARGUMENT,
  STORE_UNAVAILABLE: status.UNAVAILABLE,
  FEED_STOPPED: status.UNAVAILABLE,
  SHARD_COUNT_MISMATCH: status.FAILED_PRECONDITION,
};

export type StatusByCode = Readonly<Record<string, status>>;

interface Answer {
  readonly code: string;
  readonly status: status;
  readonly message: string;
}

/** Only codes that are listed, and refusals of the domain, are told to the caller; the rest is ours to look into. */
export const answerOf = (error: unknown, statuses: StatusByCode = {}): Answer => {
  const internal = { code: 'INTERNAL', status: status.INTERNAL, message: 'internal error' };
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return internal;
  const { code, message, name } = error as Error & { code: string };
  if (Object.hasOwn(statuses, code)) return { code, status: statuses[code]!, message };
  if (Object.hasOwn(KNOWN_CODES, code)) return { code, status: KNOWN_CODES[code]!, message };
  return name === 'CommandRefused' ? { code, status: status.FAILED_PRECONDITION, message } : internal;
};

const pathOf = (desc: DescService, method: DescMethodUnary): string => `/${desc.typeName}/${method.name}`;

const unaryMethodsOf = (desc: DescService): readonly DescMethodUnary[] =>
  desc.methods.map((method) => {
    if (method.methodKind !== 'unary') throw new TypeError(`${desc.typeName}.${method.name} is not unary`);
    return method as DescMethodUnary;
  });

type Decoded = { readonly message: MessageShape<DescMessage> } | { readonly problem: UndecodableRequest };

const decode =
  (schema: DescMessage) =>
  (bytes: Buffer): Decoded => {
    const not = `The request is not a ${schema.typeName}`;
    const problem = wireProblem(schema, bytes);
    if (problem !== null) return { problem: new UndecodableRequest(`${not}: ${problem}`) };
    try {
      return { message: fromBinary(schema, bytes) };
    } catch (cause) {
      return { problem: new UndecodableRequest(not, { cause }) };
    }
  };

/** The service as grpc-js wants it. Bytes that are no message reach the handler as a problem, so that the caller gets INVALID_ARGUMENT. */
export const serviceDefinition = (desc: DescService): ServiceDefinition =>
  Object.fromEntries(
    unaryMethodsOf(desc).map((method) => [
      method.localName,
      {
        path: pathOf(desc, method),
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.input, message)),
        requestDeserialize: decode(method.input),
        responseSerialize: (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      },
    ]),
  );

/** `code` is `OK`, or the error's. */
export interface Answered {
  readonly method: string;
  readonly code: string;
  readonly ms: number;
}

export interface ServeOptions {
  readonly statuses?: StatusByCode;
  /** Told of errors whose cause the caller does not learn. */
  readonly onError: (error: unknown, method: string) => void;
  /** Every request is a piece of work of its caller's trace. */
  readonly trace?: Trace;
  readonly onAnswered?: (answered: Answered) => void;
}

const rpcAttributes = (path: string) => ({ 'rpc.system.name': 'grpc', 'rpc.method': path });

type Handler = (request: MessageShape<DescMessage>, call: CallContext) => Promise<MessageInitShape<DescMessage>>;

export const addService = <S extends DescService>(
  server: Server,
  desc: S,
  implementation: Implementation<S>,
  options: ServeOptions,
): void => {
  const handlers = implementation as unknown as Record<string, Handler>;
  const serve =
    (method: DescMethodUnary) =>
    (
      call: ServerUnaryCall<Decoded, MessageShape<DescMessage>>,
      reply: sendUnaryData<MessageShape<DescMessage>>,
    ): void => {
      const gone = new AbortController();
      call.on('cancelled', () => gone.abort());
      const traceparent = call.metadata.get('traceparent')[0]?.toString() ?? null;
      let acknowledged = false;
      const acknowledge = () => {
        if (!acknowledged && !gone.signal.aborted) call.sendMetadata(new Metadata());
        acknowledged = true;
      };
      const run = async () => {
        if ('problem' in call.request) throw call.request.problem;
        return handlers[method.localName]!(call.request.message, { signal: gone.signal, traceparent, acknowledge });
      };
      const path = pathOf(desc, method);
      const began = performance.now();
      const answered = (code: string) => options.onAnswered?.({ method: path, code, ms: performance.now() - began });
      const what = { name: path, kind: 'server', parent: traceparent, attributes: rpcAttributes(path) } as const;
      traced(options.trace ?? NO_TRACE, what, run).then(
        (answer) => {
          answered('OK');
          reply(null, create(method.output, answer));
        },
        (error: unknown) => {
          const answer = answerOf(error, options.statuses);
          answered(answer.code);
          if (answer.status === status.INTERNAL) options.onError(error, path);
          const metadata = new Metadata();
          metadata.set(CODE_KEY, answer.code);
          reply({ code: answer.status, details: answer.message, metadata });
        },
      );
    };
  server.addService(
    serviceDefinition(desc),
    Object.fromEntries(unaryMethodsOf(desc).map((method) => [method.localName, serve(method)])),
  );
};

export interface GrpcServer {
  readonly server: Server;
  /** @returns the port. @throws PortInUse */
  listen(address: { readonly host: string; readonly port: number }, credentials?: ServerCredentials): Promise<number>;
  /** Lets running calls end, at most `graceMs`; repeated: the same promise. */
  close(graceMs?: number): Promise<void>;
}

export const createGrpcServer = (maxMessageBytes = MAX_MESSAGE_BYTES): GrpcServer => {
  const server = new Server({
    ...SERVER_KEEP_ALIVE,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
  let closing: Promise<void> | null = null;
  return {
    server,
    listen: ({ host, port }, credentials = serverCredentials.createInsecure()) =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
          if (error === null) resolve(bound);
          else reject(/EADDRINUSE/.test(error.message) ? new PortInUse(port, { cause: error }) : error);
        });
      }),
    close: (graceMs = 5_000) => {
      closing ??= new Promise((resolve) => {
        const late = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(late);
          resolve();
        });
      });
      return closing;
    },
  };
};

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

/**
 * The gRPC door of a Nest application: `@GrpcMethod` handlers behind our own descriptors. Bytes are checked and decoded by a
 * server interceptor before Nest sees them; a method without a handler, or a handler without a method, keeps the door shut.
 */
import {
  create,
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  Metadata,
  Server,
  type ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  ServerCredentials as serverCredentials,
  status,
} from '@grpc/grpc-js';
import { type Activity, NO_TRACE, type Trace, traced } from '@mora/eventing';
import {
  type CustomTransportStrategy,
  GrpcMethodStreamingType,
  type MessageHandler,
  ServerGrpc,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { answerOf, type GrpcAnswer, isAnswer, refusal } from './answers.js';
import { BytesInHand } from './bytes-in-hand.js';
import { PortInUse } from './errors.js';
import { largestRequest } from './limits.js';
import { CODE_KEY, MAX_MESSAGE_BYTES, pathOf, rpcAttributes, SERVER_KEEP_ALIVE, unaryMethodsOf } from './methods.js';
import { wireProblem } from './wire-check.js';

/** `code` is `OK`, or the error's. */
export interface Answered {
  readonly method: string;
  readonly code: string;
  readonly ms: number;
}

export interface GrpcDoorOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly services: readonly DescService[];
  /** Handlers of these are not served here. */
  readonly hidden?: readonly DescService[];
  /** Full paths of methods that must have no handler; callers get UNIMPLEMENTED. */
  readonly notOffered?: readonly string[];
  readonly credentials?: ServerCredentials;
  /** Every request is a piece of work of its caller's trace. */
  readonly trace?: Trace;
  readonly onAnswered?: (answered: Answered) => void;
  /** Told of errors that pass Nest's filters by: a handler's answer is none, or the application has no `GrpcErrorFilter`. */
  readonly onInternal?: (error: unknown) => void;
  readonly maxMessageBytes?: number;
}

/** The door's methods and the application's handlers are not the same. */
export class DoorIncomplete extends Error {
  readonly code = 'DOOR_INCOMPLETE';
  constructor(
    readonly missing: readonly string[],
    readonly unknown: readonly string[],
    readonly ambiguous: readonly string[] = [],
  ) {
    super(
      [
        ...missing.map((path) => `${path} has no handler`),
        ...unknown.map((handler) => `the handler ${handler} has no method`),
        ...ambiguous.map((handler) => `${handler} has several handlers`),
      ].join('; '),
    );
    this.name = 'DoorIncomplete';
  }
}

const GRACE_MS = 5_000;
const UNARY = GrpcMethodStreamingType.NO_STREAMING;

type Handler = (request: unknown, metadata: Metadata, call: ServerUnaryCall<unknown, unknown>) => Promise<unknown>;

export class GrpcDoor extends ServerGrpc implements CustomTransportStrategy {
  private server: Server | null = null;
  private closing: Promise<void> | null = null;
  private readonly repeated = new Set<string>();
  /** 0 before it listens. */
  port = 0;

  constructor(private readonly door: GrpcDoorOptions) {
    super({ package: 'mora', protoPath: '' });
  }

  /** Nest's own keeps the last of several handlers and says nothing. */
  override addHandler(pattern: unknown, handler: MessageHandler, isEventHandler?: boolean): void {
    const before = this.messageHandlers.size;
    super.addHandler(pattern, handler, isEventHandler);
    if (this.messageHandlers.size === before) this.repeated.add(nameOf(pattern));
  }

  /** @throws DoorIncomplete | PortInUse */
  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.refuseIncomplete();
      const { maxMessageBytes = MAX_MESSAGE_BYTES, services } = this.door;
      this.server = new Server({
        ...SERVER_KEEP_ALIVE,
        'grpc.max_receive_message_length': Math.min(maxMessageBytes, largestRequest(services)),
        'grpc.max_send_message_length': maxMessageBytes,
        interceptors: [
          checkedAndDecoded(this.door.services, (method, code) => this.door.onAnswered?.({ method, code, ms: 0 })),
        ],
      });
      for (const service of this.door.services) this.add(this.server, service);
      this.port = await this.bind(this.server);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Lets running calls end, at most 5 s or as long as given; repeated: the same promise. */
  override close(graceMs = GRACE_MS): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      const { server } = this;
      if (server === null) return resolve();
      const late = setTimeout(() => server.forceShutdown(), graceMs);
      server.tryShutdown(() => {
        clearTimeout(late);
        resolve();
      });
    });
    return this.closing;
  }

  private bind(server: Server): Promise<number> {
    const { host, port, credentials = serverCredentials.createInsecure() } = this.door;
    return new Promise((resolve, reject) => {
      server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(/EADDRINUSE/.test(error.message) ? new PortInUse(port, { cause: error }) : error);
      });
    });
  }

  private handlerOf(desc: DescService, method: string): Handler | undefined {
    return this.messageHandlers.get(this.createPattern(desc.name, method, UNARY)) as Handler | undefined;
  }

  private refuseIncomplete(): void {
    const { services, hidden = [], notOffered = [] } = this.door;
    const methodsOf = (desc: DescService) =>
      unaryMethodsOf(desc).map(({ name }) => ({ name: `${desc.name}/${name}`, path: `/${desc.typeName}/${name}` }));
    const offered = services.flatMap(methodsOf).filter(({ path }) => !notOffered.includes(path));
    const handled = new Set([...this.messageHandlers.keys()].map(parsed).map(nameOf));
    const known = new Set([...offered, ...hidden.flatMap(methodsOf)].map(({ name }) => name));
    const missing = offered.filter(({ name }) => !handled.has(name)).map(({ path }) => path);
    const unknown = [...handled].filter((name) => !known.has(name));
    const ambiguous = offered.map(({ name }) => name).filter((name) => this.repeated.has(name));
    if (missing.length + unknown.length + ambiguous.length > 0) throw new DoorIncomplete(missing, unknown, ambiguous);
  }

  private add(server: Server, desc: DescService): void {
    const methods = unaryMethodsOf(desc);
    const definition: ServiceDefinition = Object.fromEntries(
      methods.map((method) => [
        method.localName,
        {
          path: pathOf(desc, method),
          requestStream: false,
          responseStream: false,
          requestSerialize: (bytes: Buffer) => bytes,
          // The interceptor has them, and decodes.
          requestDeserialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      ]),
    );
    server.addService(
      definition,
      Object.fromEntries(
        methods.map((method) => {
          const path = pathOf(desc, method);
          const handler = this.handlerOf(desc, method.name) ?? notOffered(path);
          return [method.localName, this.unary(path, method.output, handler)];
        }),
      ),
    );
  }

  private unary(path: string, output: DescMessage, handler: Handler) {
    const { trace = NO_TRACE, onAnswered, onInternal } = this.door;
    const attributes = rpcAttributes(path);
    return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<Buffer>): void => {
      const began = performance.now();
      const answered = (code: string) => onAnswered?.({ method: path, code, ms: performance.now() - began });
      const parent = call.metadata.get('traceparent')[0]?.toString() ?? null;
      traced(trace, { name: path, kind: 'server', parent, attributes }, async () => {
        const result = await handler(call.request, call.metadata, call);
        return encoded(output, isObservable(result) ? await lastValueFrom(result) : result);
      }).then(
        (bytes) => {
          reply(null, bytes);
          answered('OK');
        },
        (error: unknown) => {
          const answer = isAnswer(error) ? error : refusal(answerOf(error));
          reply(answer);
          answered(answer.metadata.get(CODE_KEY)[0]?.toString() ?? status[answer.code]);
          if (answer !== error && answer.code === status.INTERNAL) onInternal?.(error);
        },
      );
    };
  }
}

const parsed = (pattern: string): unknown => {
  try {
    return JSON.parse(pattern);
  } catch {
    return pattern;
  }
};

/** As the descriptors name methods; whatever has another name has no method. */
const nameOf = (pattern: unknown): string => {
  const { service, rpc, streaming } = Object(pattern) as Readonly<Record<string, unknown>>;
  return streaming === UNARY ? `${service}/${rpc}` : JSON.stringify(pattern);
};

const notOffered = (path: string): Handler => {
  const answer: GrpcAnswer = { code: 'NOT_OFFERED', status: status.UNIMPLEMENTED, message: `${path} is not offered` };
  return async () => {
    throw refusal(answer);
  };
};

const encoded = (schema: DescMessage, answer: unknown): Buffer => {
  if (typeof answer !== 'object' || answer === null) throw new TypeError(`no ${schema.typeName} was returned`);
  const { buffer, byteOffset, byteLength } = toBinary(schema, create(schema, answer as MessageInitShape<DescMessage>));
  return Buffer.from(buffer, byteOffset, byteLength);
};

/** Nothing is decoded before its bytes are known to be a message of the kind that the method takes. */
const checkedAndDecoded = (
  services: readonly DescService[],
  onRefused: (method: string, code: string) => void,
): ServerInterceptor => {
  const inputs = new Map(
    services.flatMap((desc) => unaryMethodsOf(desc).map((method) => [pathOf(desc, method), method.input])),
  );
  const inHand = new BytesInHand();
  return ({ path }, call) => {
    let isRefused = false;
    let held = 0;
    const letGo = () => {
      inHand.give(held);
      held = 0;
    };
    return new ServerInterceptingCall(call, {
      sendStatus: (given, next) => {
        letGo();
        next(given);
      },
      start: (next) =>
        next({
          onCancel: letGo,
          onReceiveMessage: (bytes: Buffer, pass: (message: unknown) => void) => {
            const schema = inputs.get(path);
            if (schema === undefined) return pass(bytes);
            const refuse = (answer: GrpcAnswer) => {
              isRefused = true;
              letGo();
              call.sendStatus(refusal(answer));
              onRefused(path, answer.code);
            };
            if (!inHand.take(bytes.length)) return refuse(TOO_MUCH_AT_ONCE);
            held = bytes.length;
            const decoded = decode(schema, bytes);
            if (decoded.answer !== null) return refuse(decoded.answer);
            pass(decoded.message);
          },
          onReceiveHalfClose: (pass: () => void) => {
            if (!isRefused) pass();
          },
        }),
    });
  };
};

const TOO_MUCH_AT_ONCE: GrpcAnswer = {
  code: 'TOO_MUCH_AT_ONCE',
  status: status.RESOURCE_EXHAUSTED,
  message: 'Other large requests are in hand: send it again later',
};

const decode = (
  schema: DescMessage,
  bytes: Buffer,
): { readonly message: unknown; readonly answer: GrpcAnswer | null } => {
  const problem = wireProblem(schema, bytes);
  if (problem?.kind === 'too-large') {
    const message = `The ${schema.typeName} is too large: ${problem.text}`;
    return { message: null, answer: { code: 'REQUEST_TOO_LARGE', status: status.INVALID_ARGUMENT, message } };
  }
  if (problem !== null) return { message: null, answer: undecodable(schema, `: ${problem.text}`) };
  try {
    // What nobody knows is not kept either.
    return { message: fromBinary(schema, bytes, { readUnknownFields: false }), answer: null };
  } catch {
    return { message: null, answer: undecodable(schema, '') };
  }
};

const undecodable = (schema: DescMessage, why: string): GrpcAnswer => ({
  code: 'UNDECODABLE_REQUEST',
  status: status.INVALID_ARGUMENT,
  message: `The request is not a ${schema.typeName}${why}`,
});

/** Aborted when the caller went away or its deadline passed. */
export const goneSignal = (call: ServerUnaryCall<unknown, unknown>): AbortSignal => {
  const gone = new AbortController();
  if (call.cancelled) gone.abort();
  else call.on('cancelled', () => gone.abort());
  return gone.signal;
};

/** Tells the caller, before there is an answer, that the request is in hand. */
export const acknowledge = (call: ServerUnaryCall<unknown, unknown>): void => {
  if (!call.cancelled) call.sendMetadata(new Metadata());
};

/** Runs a request as work that the stepped clock waits for, also when its caller has gone. */
export const inHand = async <T>(activity: Activity, work: () => Promise<T>): Promise<T> => {
  const end = activity.begin();
  try {
    return await work();
  } finally {
    end();
  }
};

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
  type InterceptorOptions,
  Metadata,
  Server,
  type ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerMethodDefinition,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  ServerCredentials as serverCredentials,
  status,
} from '@grpc/grpc-js';
import { type Activity, NO_TRACE, type Trace, traced } from '@mora/eventing';
import { type CustomTransportStrategy, ServerGrpc } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { type GrpcAnswer, refusal, refused } from './answers.js';
import { PortInUse } from './errors.js';
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
  /** Full paths of methods that have no handler; callers get UNIMPLEMENTED. */
  readonly notOffered?: readonly string[];
  readonly credentials?: ServerCredentials;
  /** Every request is a piece of work of its caller's trace. */
  readonly trace?: Trace;
  readonly onAnswered?: (answered: Answered) => void;
  readonly maxMessageBytes?: number;
}

/** The door's methods and the application's handlers are not the same. */
export class DoorIncomplete extends Error {
  readonly code = 'DOOR_INCOMPLETE';
  constructor(
    readonly missing: readonly string[],
    readonly unknown: readonly string[],
  ) {
    super(
      [
        ...missing.map((path) => `${path} has no handler`),
        ...unknown.map((handler) => `the handler ${handler} has no method`),
      ].join('; '),
    );
    this.name = 'DoorIncomplete';
  }
}

const GRACE_MS = 5_000;

type Handler = (request: unknown, metadata: Metadata, call: ServerUnaryCall<unknown, unknown>) => Promise<unknown>;

export class GrpcDoor extends ServerGrpc implements CustomTransportStrategy {
  private server: Server | null = null;
  private closing: Promise<void> | null = null;
  /** 0 before it listens. */
  port = 0;

  constructor(private readonly door: GrpcDoorOptions) {
    super({ package: 'mora', protoPath: '' });
  }

  /** @throws DoorIncomplete | PortInUse */
  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.refuseIncomplete();
      const { maxMessageBytes = MAX_MESSAGE_BYTES } = this.door;
      this.server = new Server({
        ...SERVER_KEEP_ALIVE,
        'grpc.max_receive_message_length': maxMessageBytes,
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
    return this.messageHandlers.get(this.createPattern(desc.name, method, 'no_stream' as never)) as Handler | undefined;
  }

  private refuseIncomplete(): void {
    const { services, hidden = [], notOffered = [] } = this.door;
    const known = new Set(
      [...services, ...hidden].flatMap((desc) => unaryMethodsOf(desc).map(({ name }) => `${desc.name}/${name}`)),
    );
    const missing = services.flatMap((desc) =>
      unaryMethodsOf(desc)
        .filter((method) => this.handlerOf(desc, method.name) === undefined)
        .map((method) => pathOf(desc, method))
        .filter((path) => !notOffered.includes(path)),
    );
    const unknown = [...this.messageHandlers.keys()]
      .map((pattern) => JSON.parse(pattern) as { readonly service: string; readonly rpc: string })
      .map(({ service, rpc }) => `${service}/${rpc}`)
      .filter((handler) => !known.has(handler));
    if (missing.length > 0 || unknown.length > 0) throw new DoorIncomplete(missing, unknown);
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
          responseSerialize: (answer: unknown) => encoded(method.output, answer),
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
          return [method.localName, this.unary(path, handler)];
        }),
      ),
    );
  }

  private unary(path: string, handler: Handler) {
    const { trace = NO_TRACE, onAnswered } = this.door;
    return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>): void => {
      const began = performance.now();
      const answered = (code: string) => onAnswered?.({ method: path, code, ms: performance.now() - began });
      const parent = call.metadata.get('traceparent')[0]?.toString() ?? null;
      const what = { name: path, kind: 'server', parent, attributes: rpcAttributes(path) } as const;
      traced(trace, what, async () =>
        lastValueFrom(this.transformToObservable((await handler(call.request, call.metadata, call)) as object)),
      ).then(
        (answer) => {
          answered('OK');
          reply(null, answer);
        },
        (error: unknown) => {
          const refusedWith = refused(error);
          answered(refusedWith.metadata.get(CODE_KEY)[0]?.toString() ?? 'INTERNAL');
          reply(refusedWith);
        },
      );
    };
  }
}

const notOffered = (path: string): Handler => {
  const answer: GrpcAnswer = { code: 'NOT_OFFERED', status: status.UNIMPLEMENTED, message: `${path} is not offered` };
  return async () => {
    throw refusal(answer);
  };
};

const encoded = (schema: DescMessage, answer: unknown): Buffer => {
  if (answer === undefined || answer === null) throw new TypeError(`no ${schema.typeName} was returned`);
  return Buffer.from(toBinary(schema, create(schema, answer as MessageInitShape<DescMessage>)));
};

/** Nothing is decoded before its bytes are known to be a message of the kind that the method takes. */
const checkedAndDecoded = (services: readonly DescService[], onRefused: (method: string, code: string) => void) => {
  const inputs = new Map(
    services.flatMap((desc) => unaryMethodsOf(desc).map((method) => [pathOf(desc, method), method.input])),
  );
  return (
    { path }: ServerMethodDefinition<unknown, unknown>,
    call: ServerInterceptingCallInterface,
    _options?: InterceptorOptions,
  ): ServerInterceptingCall => {
    let isRefused = false;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage: (bytes: Buffer, pass: (message: unknown) => void) => {
            const schema = inputs.get(path);
            if (schema === undefined) return pass(bytes);
            const decoded = decode(schema, bytes);
            if (decoded.problem === null) return pass(decoded.message);
            isRefused = true;
            const message = `The request is not a ${schema.typeName}${decoded.problem}`;
            onRefused(path, UNDECODABLE);
            call.sendStatus(refusal({ code: UNDECODABLE, status: status.INVALID_ARGUMENT, message }));
          },
          onReceiveHalfClose: (pass: () => void) => {
            if (!isRefused) pass();
          },
        }),
    });
  };
};

const UNDECODABLE = 'UNDECODABLE_REQUEST';

const decode = (schema: DescMessage, bytes: Buffer): { readonly message: unknown; readonly problem: string | null } => {
  const problem = wireProblem(schema, bytes);
  if (problem !== null) return { message: null, problem: `: ${problem}` };
  try {
    return { message: fromBinary(schema, bytes), problem: null };
  } catch {
    return { message: null, problem: '' };
  }
};

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

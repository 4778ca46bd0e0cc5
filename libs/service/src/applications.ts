/** Services as Nest applications in one process: all are opened and their history is checked before any starts. */
import { beginEpochIfLost, type CheckpointRow, type EventStore } from '@mora/eventing';
import { type GrpcDoor, PortInUse } from '@mora/grpc';
import type { Log } from '@mora/telemetry';
import type { DynamicModule, INestApplicationContext, INestMicroservice, Type } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import 'reflect-metadata';
import { ErrorFilter } from './error.filter.js';
import { guardRequests, serverOptions } from './http/door.js';
import { nestLogger } from './nest-logger.js';
import { ServiceLife } from './service-life.js';

export interface ApplicationOptions {
  /** Root module, with its filter. */
  readonly module: DynamicModule;
  readonly log: Log;
  /** Absent: nothing is served over HTTP. */
  readonly http?: { readonly host: string; readonly port: number } | null;
  readonly doors?: readonly GrpcDoor[];
  /** For what needs the application itself, such as its OpenAPI document. */
  readonly prepare?: ((app: NestFastifyApplication) => void) | undefined;
}

/** One service in its Nest application: made, not opened. */
export class Application {
  private url: string | null = null;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly options: ApplicationOptions,
    private readonly microservices: ReadonlyMap<GrpcDoor, INestMicroservice>,
  ) {}

  static async create(options: ApplicationOptions): Promise<Application> {
    const { module, log, http = null, doors = [], prepare } = options;
    const settings = { logger: nestLogger(log), abortOnError: false };
    if (http === null && doors.length === 0)
      return new Application(await NestFactory.createApplicationContext(module, settings), options, new Map());
    const adapter = new FastifyAdapter(serverOptions());
    const app = await NestFactory.create<NestFastifyApplication>(module, adapter, settings);
    if (http !== null) guardRequests(adapter.getInstance(), http.host);
    prepare?.(app);
    // Global filters and guards hold for gRPC only if they are inherited.
    const microservices = new Map(
      doors.map((door) => [door, app.connectMicroservice({ strategy: door }, { inheritAppConfig: true })]),
    );
    await app.init();
    return new Application(app, options, microservices);
  }

  get life(): ServiceLife {
    return this.get(ServiceLife);
  }

  /** Base address over HTTP; null while nothing is served. */
  get httpUrl(): string | null {
    return this.url;
  }

  /** Where HTTP is served; 0 while it is not. */
  get httpPort(): number {
    return this.url === null ? 0 : Number(new URL(this.url).port);
  }

  /** A provider of any module of the service. */
  get<T>(token: Type<T> | symbol | string): T {
    return this.app.get<T>(token, { strict: false });
  }

  /** @throws DoorIncomplete | PortInUse */
  async openDoor(door: GrpcDoor): Promise<void> {
    await this.microservices.get(door)?.listen();
  }

  /** @throws PortInUse */
  async openHttp(): Promise<void> {
    const { http = null } = this.options;
    if (http === null) return;
    const app = this.app as NestFastifyApplication;
    try {
      await app.listen(http.port, http.host);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      throw isTaken ? new PortInUse(http.port, { cause: error }) : error;
    }
    this.url = await app.getUrl();
  }

  async openAll(): Promise<void> {
    for (const door of this.microservices.keys()) await this.openDoor(door);
    await this.openHttp();
  }

  /** Stops the service, then what it serves; repeated: nothing. */
  close(): Promise<void> {
    this.url = null;
    return this.app.close();
  }
}

/** The root of a service that runs beside others in one process. */
export const rootOf = (service: DynamicModule): DynamicModule => ({
  module: RootModule,
  imports: [service],
  providers: [{ provide: APP_FILTER, useClass: ErrorFilter }],
});

class RootModule {}

/**
 * Before anything is appended: a subscriber that is ahead of a store, or remembers another event, proves that the store lost
 * history; a new epoch begins there. @returns what was found, by source
 */
export const checkEpochs = async (lives: readonly ServiceLife[]): Promise<ReadonlyMap<string, string>> => {
  const claims: readonly CheckpointRow[] = (await Promise.all(lives.map((life) => life.claims()))).flat();
  const stores: readonly EventStore[] = lives.flatMap(({ cores }) => cores.map(({ store }) => store));
  const found = new Map<string, string>();
  for (const store of stores) {
    const reason = await beginEpochIfLost(store, claims);
    if (reason !== null) found.set(store.source, reason);
  }
  return found;
};

export class Applications {
  constructor(
    private readonly all: readonly Application[],
    private readonly log: Log,
  ) {}

  get lives(): readonly ServiceLife[] {
    return this.all.map(({ life }) => life);
  }

  /** Opens every store, in this order, and looks for lost history. */
  async open(): Promise<void> {
    for (const life of this.lives) await life.open();
    for (const [source, reason] of await checkEpochs(this.lives))
      this.log.error({ source, reason }, 'history was lost; a new epoch begins');
    for (const life of this.lives) await life.lookOutside();
  }

  async start(): Promise<void> {
    for (const app of this.all) {
      await app.life.start();
      await app.openAll();
    }
    for (const life of this.lives) await life.recover();
    for (const life of this.lives) await life.openInlets();
  }

  /** In reverse order, each as far as it came. Idempotent. */
  async close(): Promise<void> {
    for (const app of this.all.toReversed()) await app.close();
  }
}

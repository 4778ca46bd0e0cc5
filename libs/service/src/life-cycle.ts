/**
 * A service is a Nest microservice whose transport owns its life cycle only: events never pass through Nest's handlers (its
 * proxy turns a handler's exception into a returned Observable). Loops start in order and drain in reverse, then resources
 * close. Signals are the business of the program's `main` alone.
 */
import 'reflect-metadata';
import type { Log } from '@mora/telemetry';
import type { DynamicModule, INestMicroservice, LoggerService, OnApplicationShutdown, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Loop } from './service.js';

/** Something that is open until everything else has stopped: a pool, a producer. */
export interface Resource {
  readonly name: string;
  close(): Promise<void>;
}

/** Nest's transport strategy around loops: `listen` starts them, `close` drains them and may be repeated. */
export class LoopTransport extends Server implements CustomTransportStrategy {
  private readonly running: Loop[] = [];
  private closing: Promise<void> | null = null;

  constructor(
    private readonly loops: readonly Loop[],
    private readonly log: Log,
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.startAll().then(
      () => callback(),
      async (error: unknown) => {
        await this.close();
        callback(error);
      },
    );
  }

  private async startAll(): Promise<void> {
    for (const loop of this.loops) {
      if (this.closing !== null) return;
      this.running.push(loop);
      await loop.start();
    }
  }

  /** Every loop is stopped, also when another one fails to. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      for (const loop of this.running.toReversed()) await attempt(this.log, loop.name, () => loop.stop());
    })();
    return this.closing;
  }

  on(): void {}

  unwrap<T>(): T {
    return this.loops as T;
  }
}

class Resources implements OnApplicationShutdown {
  constructor(
    private readonly resources: readonly Resource[],
    private readonly log: Log,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    for (const resource of this.resources.toReversed()) {
      await attempt(this.log, resource.name, () => resource.close());
    }
  }
}

const attempt = async (log: Log, part: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    log.error({ part, error }, 'did not close cleanly');
  }
};

export interface HostOptions {
  readonly name: string;
  readonly log: Log;
  /** Started in this order, drained in reverse. */
  readonly loops: readonly Loop[];
  /** Closed in reverse, after every loop has drained. */
  readonly resources?: readonly Resource[];
  /** The service's own Nest module, for what it injects. */
  readonly module?: Type | DynamicModule;
}

export interface Host {
  readonly app: INestMicroservice;
  /** Drains, then closes; repeated: the same promise. */
  close(): Promise<void>;
}

class HostModule {}

/** Starts a service; when a loop fails to start, those already running are stopped, resources closed, and the error thrown. */
export const startHost = async (options: HostOptions): Promise<Host> => {
  const { log, loops, resources = [], module } = options;
  const root: DynamicModule = {
    module: HostModule,
    imports: module === undefined ? [] : [module],
    providers: [{ provide: Resources, useValue: new Resources(resources, log) }],
  };
  const app = await NestFactory.createMicroservice(root, {
    strategy: new LoopTransport(loops, log),
    logger: nestLogger(log),
    abortOnError: false,
  });
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= app.close();
    return closing;
  };
  try {
    await app.listen();
  } catch (error) {
    await close();
    throw error;
  }
  return { app, close };
};

/** Nest's own words at start go nowhere; its warnings and errors into the service's log. */
const nestLogger = (log: Log): LoggerService => ({
  log: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  warn: (message: unknown) => log.warn({ by: 'nest' }, String(message)),
  error: (message: unknown) => log.error({ by: 'nest' }, String(message)),
  fatal: (message: unknown) => log.error({ by: 'nest' }, String(message)),
});

/** A gRPC door that can be killed and started again at the same address. */
import { createServer } from 'node:net';
import type { GrpcDoor, GrpcDoorOptions } from '@mora/grpc';
import type { INestMicroservice, Provider, Type } from '@nestjs/common';

/** `onInternal`: told of every error whose cause the caller does not learn. */
export interface WireOptions extends Omit<GrpcDoorOptions, 'host' | 'port'> {
  readonly controllers: readonly Type[];
  readonly providers?: readonly Provider[];
}

interface Running {
  readonly app: INestMicroservice;
  readonly door: GrpcDoor;
}

export class Wire {
  private running: Running | null = null;
  private constructor(
    readonly port: number,
    private readonly options: WireOptions,
  ) {}

  /** An address at which nobody answers yet. */
  static async at(options: WireOptions): Promise<Wire> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    return new Wire(port, options);
  }

  static async up(options: WireOptions): Promise<Wire> {
    const wire = await Wire.at(options);
    await wire.start();
    return wire;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { controllers, providers = [], ...door } = this.options;
    // Only where a door is wanted: pure specs stay free of Nest.
    const [{ GrpcDoor, GrpcErrorFilter }, { Test }] = await Promise.all([
      import('@mora/grpc'),
      import('@nestjs/testing'),
    ]);
    const testing = await Test.createTestingModule({
      controllers: [...controllers],
      providers: [...providers],
    }).compile();
    const strategy = new GrpcDoor({ ...door, host: '127.0.0.1', port: this.port });
    const app = testing.createNestMicroservice({ strategy, logger: false });
    app.useGlobalFilters(new GrpcErrorFilter(door.onInternal ?? (() => undefined)));
    await app.listen();
    this.running = { app, door: strategy };
  }

  /** Calls under way are cut off after the grace. */
  async stop(graceMs = 1): Promise<void> {
    const { running } = this;
    this.running = null;
    await running?.door.close(graceMs);
    await running?.app.close();
  }
}

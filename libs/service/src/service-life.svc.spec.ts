import { expect, it } from '@jest/globals';
import { createProcessor, type Processor } from '@mora/eventing';
import { serviceWorld } from '@mora/test-kit';
import { Injectable, Module } from '@nestjs/common';
import { EventCore } from './event-core.js';
import { EventingModule } from './eventing.module.js';
import type { Platform } from './platform.js';
import { ActsOutside, EventProcessor, type ProvidesProcessor, type ServicePart } from './service-part.js';

const DEBTOR = '7f3e0000-0000-4000-8000-000000000001';

@EventProcessor()
@Injectable()
class Refuses implements ProvidesProcessor {
  readonly processor: Processor = createProcessor()({
    name: 'refuses',
    sources: ['intake'],
    on: {
      CaseCured: () => {
        throw new TypeError('cannot be taken');
      },
    },
  });
}

@ActsOutside()
@Injectable()
class Asks implements ServicePart {
  wasParked: boolean | null = null;
  constructor(private readonly core: EventCore) {}

  start(): void {
    this.wasParked = this.core.isParked(DEBTOR);
  }
}

@Module({})
class Small {
  static for(platform: Platform) {
    const schemas = [{ name: 'scoring', source: 'scoring', migrations: [] }] as const;
    return { module: Small, imports: [EventingModule.for(platform, schemas)], providers: [Refuses, Asks] };
  }
}

it('parks what breaks its contract before its reaction sees it, and repeats nothing of it', async () => {
  const world = await serviceWorld({ module: (platform) => Small.for(platform), at: '2026-11-03T02:00:00.000Z' });
  await world.givenBroken('intake', DEBTOR, { type: 'CaseCured', data: { caseId: '王小明' } });
  const [parked] = await world.core.store.parked({ limit: 9 });
  expect(parked?.error).toMatch(/^intake\.CaseCured breaks its contract: /);
  expect(parked?.error).not.toMatch('王小明');
  await world.stop();
});

it('knows a parked debtor before any part of the service starts', async () => {
  const world = await serviceWorld({ module: (platform) => Small.for(platform), at: '2026-11-03T02:00:00.000Z' });
  await world.givenBroken('intake', DEBTOR, { type: 'CaseCured', data: {} });
  expect([world.core.isParked(DEBTOR), world.get(Asks).wasParked]).toEqual([true, false]);
  const again = await world.restarted();
  expect(again.get(Asks).wasParked).toBe(true);
  await again.stop();
});

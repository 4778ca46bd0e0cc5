/** Views as providers: each is handed over by one marked `@EventView()`, whichever module it is in, and found here. */
import { EventView, type ProvidesView } from '@mora/service';
import { Injectable, type ValueProvider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { UnknownView } from '../queries/errors.js';
import type { View } from './view.js';

@EventView()
class Provided implements ProvidesView<View> {
  constructor(readonly view: View) {}
}

/** A provider that hands this view over. */
export const viewProvider = (view: View): ValueProvider<ProvidesView<View>> => ({
  provide: `view ${view.name}`,
  useValue: new Provided(view),
});

/** Every view of the application. */
@Injectable()
export class EventViews {
  private found: readonly View[] | null = null;

  constructor(private readonly discovery: DiscoveryService) {}

  /** By name: every writer takes their tables in the same order. */
  get all(): readonly View[] {
    this.found ??= this.discovery
      .getProviders({ metadataKey: EventView.KEY })
      .map(({ instance }) => (instance as ProvidesView<View>).view)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return this.found;
  }

  /** @throws UnknownView */
  named(name: string): View {
    const view = this.all.find((candidate) => candidate.name === name);
    if (view === undefined) throw new UnknownView(name);
    return view;
  }
}

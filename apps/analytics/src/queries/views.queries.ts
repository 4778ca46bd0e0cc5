/** The views themselves: which there are, and one built anew from the archive. */
import { POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { EventViews } from '../projection/event-views.js';
import { PLACE, type Place } from '../projection/place.js';
import { type RebuildReport, rebuildView } from '../rebuild.js';
import type { AnalyticsQueries } from './answers.js';

type Questions = AnalyticsQueries['views'];

@Injectable()
export class ViewsQueries implements Questions {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(PLACE) private readonly place: Place,
    private readonly views: EventViews,
  ) {}

  async names(): Promise<readonly string[]> {
    return this.views.all.map(({ name }) => name);
  }

  /** @throws UnknownView */
  async rebuild(name: string, { compare = false }: { readonly compare?: boolean } = {}): Promise<RebuildReport> {
    const { pool, place } = this;
    return rebuildView({ pool, views: this.views.all, place }, this.views.named(name), { compare });
  }
}

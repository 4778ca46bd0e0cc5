/** What happened to a debtor, from the archive. */
import { POOL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { findArchived } from '../archive/archive.js';
import { entryOf, type TimelineEntry } from './timeline-entry.js';

/** Entries of one answer. */
export const TIMELINE = 500;

@Injectable()
export class TimelineQueries {
  constructor(@Inject(POOL) private readonly archive: Pool) {}

  /** The newest `limit` entries, oldest first. */
  async of(debtorId: string, limit = TIMELINE): Promise<readonly TimelineEntry[]> {
    const found = await findArchived(this.archive, { subject: debtorId, limit, newestFirst: true });
    return found.map(entryOf).reverse();
  }
}

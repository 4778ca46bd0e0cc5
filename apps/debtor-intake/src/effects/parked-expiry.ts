/** Parked input is kept for a while only. */
import { ActsOutside, LOG, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { ParkedInputs } from '../inbound/parked-inputs.js';

const HOUR_MS = 3_600_000;

@ActsOutside()
@Injectable()
export class ParkedExpiry implements ServicePart {
  private interval: NodeJS.Timeout | null = null;

  constructor(
    private readonly parked: ParkedInputs,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    await this.drop();
    this.interval = setInterval(() => void this.drop(), HOUR_MS);
    this.interval.unref();
  }

  stop(): void {
    if (this.interval) clearInterval(this.interval);
    this.interval = null;
  }

  private async drop(): Promise<void> {
    try {
      await this.parked.dropExpired();
    } catch (error) {
      this.log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'expired input was not dropped');
    }
  }
}

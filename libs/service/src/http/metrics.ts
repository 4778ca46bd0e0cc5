/** `/metrics` for Prometheus; it answers until the end of a drain. */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AlwaysOpen } from './while-open.js';

/** Injection token of `() => Promise<string>`: all metrics in Prometheus' text format. */
export const METRICS = Symbol('Metrics');

@Controller()
@AlwaysOpen()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: () => Promise<string>) {}

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics();
  }
}

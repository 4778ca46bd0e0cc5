import { createLog, type Log, startTelemetry } from '@mora/telemetry';
import type { Settings } from '../config.js';
import { ConfigInvalid } from '../errors.js';
import type { ServiceSchema } from '../eventing.module.js';
import { type ProcessConfig, type ReadSettings, readProcess } from './config.js';
import type { ServiceModule } from './service-module.js';
import { EXIT, ServiceProcess } from './service-process.js';

/** A service as a process of its own: `main.ts` of every app is this call. Never rejects: what goes wrong is logged, and told by the exit code. */
export const bootstrap = async <C>(service: ServiceModule<C>): Promise<void> => {
  // Logs and spans are for this user alone.
  process.umask(0o077);
  const [{ name }] = service.schemas as [ServiceSchema];
  const read = settingsOf(service, name);
  if (read === null) return;
  const { build, traces, tracesRatio: ratio, logLevel: level } = read.process;
  const incarnation = `${name}-${process.pid}-${Date.now()}`;
  const telemetry = await startTelemetry({ service: name, instance: incarnation, build, traces, ratio });
  const log = createLog({ service: name, level, more: telemetry.logFields });
  const running = new ServiceProcess(service, name, read, { log, telemetry, incarnation });
  obey(running, read.process, log);
  await running.run();
};

const settingsOf = (
  { schemas, process: spec }: ServiceModule<unknown>,
  name: string,
): ReadSettings<Settings, Settings> | null => {
  const { settings, secrets, needsSeed = false } = spec;
  try {
    const services = schemas.map((schema) => schema.name);
    return readProcess({ name, services, settings, secrets, needsSeed }, process.env);
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = EXIT.config;
    return null;
  }
};

/** Signals, lost parents, and errors that nobody caught. */
const obey = (running: { end(code: number): Promise<never> }, config: ProcessConfig, log: Log): void => {
  let asked = false;
  const stop = (why: string) => {
    if (asked) process.exit(EXIT.forced);
    asked = true;
    log.info({ why }, 'ending');
    void running.end(EXIT.ok);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  const broken = (error: unknown) => {
    log.error({ error }, 'an error that nobody expected');
    void running.end(EXIT.failed);
  };
  // kafkajs computes pauses that are over already; Node says so on every start.
  process.removeAllListeners('warning').on('warning', ({ name, message, stack }) => {
    if (name !== 'TimeoutNegativeWarning') log.warn({ warning: name, stack }, message);
  });
  process.on('uncaughtException', broken);
  process.on('unhandledRejection', broken);
  if (!config.parentWatch) return;
  const orphaned = () => {
    if (!asked) stop('the parent has ended');
  };
  process.stdin.once('end', orphaned).once('close', orphaned).once('error', orphaned).resume();
};

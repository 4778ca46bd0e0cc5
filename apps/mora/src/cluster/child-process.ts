/** One service as a child process: begun again when it ends by itself, a bounded number of times. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceKeepsEnding, ServiceNotReady } from './errors.js';

export interface ServiceChildOptions {
  readonly name: string;
  readonly program: string;
  readonly nodeArgs: readonly string[];
  /** Asked at every start. */
  readonly env: () => Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly probes: string;
  readonly note: (message: string) => void;
}

/** More ends than this within the window, and it is given up. */
const MOST_ENDS = 5;
const WINDOW_MS = 60_000;
const AGAIN_MS = 500;
const LOOK_MS = 100;
/** Another replica took over, or the lease was not free yet. */
const TAKEN = 75;

export class ServiceChild {
  /** Rejects when the service was given up. @throws ServiceKeepsEnding */
  readonly failed: Promise<never>;
  private readonly fail: (error: Error) => void;
  private child: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private readonly ends: number[] = [];
  private isStopping = false;

  constructor(private readonly options: ServiceChildOptions) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.fail = reject;
  }

  get name(): string {
    return this.options.name;
  }

  async start(): Promise<void> {
    const { program, nodeArgs, env, logFile } = this.options;
    const log = await open(logFile, 'a', 0o600);
    try {
      if (this.isStopping) return;
      // A group of its own: a terminal's Ctrl-C is for us, and we tell the services. Its standard input ends with us.
      const child = spawn(process.execPath, [...nodeArgs, program], {
        detached: true,
        stdio: ['pipe', log.fd, log.fd],
        env: env(),
      });
      child.stdin?.on('error', () => undefined);
      this.child = child;
      this.ended = new Promise((resolve) => {
        child.once('exit', (code, signal) => {
          resolve();
          void this.onEnd(code, signal);
        });
        child.once('error', (error) => {
          resolve();
          this.fail(error);
        });
      });
    } finally {
      await log.close();
    }
  }

  /**
   * @param enough nobody asks any more
   * @param onHeld told, with the reason, while it waits for a person's word on lost history, however long that takes
   * @throws ServiceNotReady
   */
  async ready(limitMs: number, enough: AbortSignal, onHeld: (why: string) => void = () => undefined): Promise<void> {
    let deadline = performance.now() + limitMs;
    for (;;) {
      const why = await this.notReady();
      if (why === null || enough.aborted) return;
      const held = heldBy(why);
      if (held !== null) {
        onHeld(held);
        deadline = performance.now() + limitMs;
      }
      if (performance.now() > deadline) throw new ServiceNotReady(this.name, why, this.options.logFile);
      await pause(LOOK_MS);
    }
  }

  /** SIGTERM, and SIGKILL to one that has not ended when the limit is over. */
  async stop(limitMs: number): Promise<void> {
    this.isStopping = true;
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const over = new AbortController();
    const late = pause(limitMs, true, { signal: over.signal }).catch(() => false);
    if (await Promise.race([late, this.ended.then(() => false)])) {
      this.options.note(`${this.name} did not end within ${Math.round(limitMs / 1000)} s and is killed`);
      child.kill('SIGKILL');
      await this.ended;
    }
    over.abort();
  }

  private async notReady(): Promise<string | null> {
    try {
      const answer = await fetch(`${this.options.probes}/ready`, { signal: AbortSignal.timeout(3_000) });
      return answer.ok ? null : await answer.text();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async onEnd(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (this.isStopping) return;
    const now = performance.now();
    this.ends.push(now);
    const { note, logFile } = this.options;
    if (this.ends.filter((at) => at > now - WINDOW_MS).length > MOST_ENDS)
      return this.fail(new ServiceKeepsEnding(this.name, code, logFile));
    const why = code === TAKEN ? 'gave its work up' : `ended with ${signal ?? `code ${code}`}`;
    note(`${this.name} ${why} and is started again (see ${logFile})`);
    await pause(AGAIN_MS);
    if (!this.isStopping) await this.start().catch((error: Error) => this.fail(error));
  }
}

/** @param answer of the readiness probe @returns what history was lost; null: it waits for something else */
const heldBy = (answer: string): string | null => {
  try {
    const { error } = JSON.parse(answer) as { readonly error?: { readonly history?: { readonly message?: string } } };
    return error?.history?.message ?? null;
  } catch {
    return null;
  }
};

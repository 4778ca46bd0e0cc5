import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const KEEPER = fileURLToPath(new URL('../broker.sh', import.meta.url));

export interface BrokerCommand {
  readonly java: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** When the owner is gone: seconds between SIGTERM and SIGKILL, and the folders to delete then. */
  readonly orphan: { readonly seconds: number; readonly remove?: string; readonly shared?: string };
}

/** One running broker, ended by its keeper (`broker.sh`) when this process is gone. It keeps no event loop alive. */
export class BrokerProcess {
  #ended: { readonly code: number | null } | undefined;
  readonly #keeper: ChildProcess;

  private constructor(
    keeper: ChildProcess,
    readonly pid: number,
  ) {
    this.#keeper = keeper;
  }

  static async start({ java, args, logFile, orphan }: BrokerCommand): Promise<BrokerProcess> {
    const log = await open(logFile, 'a', 0o600);
    let keeper: ChildProcess;
    try {
      // A session of its own: a terminal's Ctrl-C is for us, and we stop the broker.
      keeper = spawn('sh', [KEEPER, String(orphan.seconds), orphan.remove ?? '', orphan.shared ?? '', java, ...args], {
        detached: true,
        stdio: ['pipe', log.fd, log.fd, 'pipe'],
        // Less memory kept by the allocator for each of the broker's threads.
        env: { ...process.env, MALLOC_ARENA_MAX: '2' },
      });
    } finally {
      await log.close();
    }
    const ended = new Promise<{ readonly code: number | null }>((resolve) => {
      keeper.once('exit', (code) => resolve({ code }));
      keeper.once('error', () => resolve({ code: 127 }));
    });
    const pid = await pidFrom(keeper.stdio[3] as Readable);
    const broker = new BrokerProcess(keeper, pid);
    void ended.then((outcome) => {
      broker.#ended = outcome;
    });
    keeper.unref();
    const tie = keeper.stdin as Writable & { unref(): void };
    tie.on('error', () => undefined);
    tie.unref();
    return broker;
  }

  get isRunning(): boolean {
    return this.#ended === undefined;
  }

  /** 128 + n after signal n; undefined while it runs. */
  get exitCode(): number | null | undefined {
    return this.#ended?.code;
  }

  signal(name: NodeJS.Signals): void {
    if (!this.isRunning) return;
    try {
      process.kill(this.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** SIGTERM, after the limit SIGKILL; with a limit of 0 SIGKILL at once. A broker that is paused goes on first. */
  async end(limitMs: number): Promise<void> {
    if (limitMs > 0) {
      this.signal('SIGTERM');
      this.signal('SIGCONT');
      const deadline = performance.now() + limitMs;
      while (this.isRunning && performance.now() < deadline) await sleep(10);
    }
    this.signal('SIGKILL');
    while (this.isRunning) await sleep(5);
    this.#keeper.stdin?.destroy();
  }
}

const pidFrom = async (stream: Readable): Promise<number> => {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid)) throw new Error('the broker’s keeper did not start: is there a shell at sh?');
  return pid;
};

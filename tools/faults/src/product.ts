/** The product itself on three brokers that are hurt: afterwards the same calls as in one process, and a clean oracle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import { type CarrierRecord, readLog } from '@mora/simulation';
import type { Measured, Scenario, Setting } from './scenarios.js';
import { pause } from './stage.js';

const MORA = fileURLToPath(new URL('../../../apps/mora/dist/main.js', import.meta.url));
const BOOK = ['--accounts', '120', '--days', '1', '--seed', '1'];
const SERVICES = 8;
const BEGUN_MS = 120_000;
const ENDED_MS = 600_000;

interface Summary {
  readonly events: number;
  readonly oracle: { readonly clean: boolean };
  readonly [figure: string]: unknown;
}

/** Figures that both ways of running must agree on. */
const FIGURES = ['openedCases', 'calls', 'connected', 'reached', 'promises', 'cured', 'sms'] as const;

class Run {
  private said = '';
  private errors = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  private constructor(
    readonly folder: string,
    args: readonly string[],
  ) {
    this.child = spawn(
      process.execPath,
      [MORA, 'start', '--until-idle', '--json', '--data', folder, ...BOOK, ...args],
      {
        env: { ...process.env, MORA_HTTP_PORT: 'off' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  static async begin(args: readonly string[]): Promise<Run> {
    const folder = await mkdtemp(join(tmpdir(), 'mora-faults-run-'));
    await chmod(folder, 0o755);
    return new Run(folder, args);
  }

  get calls(): readonly string[] {
    const invites = readLog<CarrierRecord>(join(this.folder, 'carrier.ndjson')).filter(({ kind }) => kind === 'invite');
    return invites.map(({ number, businessAt }) => `${businessAt} ${number}`).sort();
  }

  /** Waits until the first calls are made: everything then works. */
  async isBusy(): Promise<void> {
    const deadline = performance.now() + BEGUN_MS;
    for (;;) {
      if (this.callsSoFar() > 2) return;
      if (performance.now() > deadline || this.child.exitCode !== null)
        throw new Error(`no call was made: ${this.errors}`);
      await pause(50);
    }
  }

  private callsSoFar(): number {
    try {
      return this.calls.length;
    } catch {
      return 0;
    }
  }

  /** Lines of a service's log with this message, of all services. */
  async logged(message: string): Promise<readonly string[]> {
    const folder = join(this.folder, 'logs');
    const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    return texts.flatMap((text) => text.split('\n').filter((line) => line.includes(`"msg":"${message}"`)));
  }

  /** How many services answer so on this path. */
  async answering(path: string, status: number): Promise<number> {
    const ports = new Set((await this.logged('started')).map((line) => /"http":(\d+)/.exec(line)?.[1]));
    const answers = await Promise.all(
      [...ports].map((port) =>
        fetch(`http://127.0.0.1:${port}${path}`).then(
          (answer) => answer.status,
          () => 0,
        ),
      ),
    );
    return answers.filter((each) => each === status).length;
  }

  /** Process ids by service. */
  async services(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const name = /apps\/([a-z-]+)\/dist\/main\.js/.exec(await read('cmdline'))?.[1];
      if (name !== undefined && name !== 'mora' && (await read('environ')).includes(this.folder))
        found.set(name, Number(pid));
    }
    return found;
  }

  /** Tells a service to end and waits until it works again. @returns how long that took, in ms */
  async restart(service: string, signal: NodeJS.Signals): Promise<number> {
    const began = performance.now();
    const starts = (await this.logged('started')).length;
    process.kill((await this.services()).get(service)!, signal);
    while ((await this.logged('started')).length === starts || (await this.answering('/ready', 200)) < SERVICES) {
      if (performance.now() - began > BEGUN_MS) throw new Error(`${service} did not come back: ${this.errors}`);
      await pause(50);
    }
    return performance.now() - began;
  }

  async summary(): Promise<Summary> {
    const late = setTimeout(() => this.child.kill('SIGTERM'), ENDED_MS);
    await this.ended;
    clearTimeout(late);
    const last = this.said.trimEnd().split('\n').at(-1) ?? '';
    if (!last.startsWith('{')) throw new Error(`it ended without a summary: ${this.errors}`);
    return JSON.parse(last) as Summary;
  }

  async remove(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGTERM');
    await this.ended;
    if (process.env['FAULTS_KEEP'] === 'on') process.stderr.write(`kept: ${this.folder}\n`);
    else await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

type Act = (run: Run, setting: Pick<Setting, 'kafka' | 'scale'>) => Promise<Measured>;

/** @param restarts how often each service is started again on purpose */
const product = (name: string, what: string, act: Act, restarts = 0): Scenario => ({
  name,
  what,
  run: async ({ scale }) => {
    const inOne = await Run.begin([]);
    const expected = await inOne.summary();
    // An installation's topics are its own: brokers of its own too.
    const kafka = await startKafka({ nodes: 3 });
    const onKafka = await Run.begin(['--kafka', '--brokers', kafka.brokers.join()]);
    try {
      await onKafka.isBusy();
      const measured = await act(onKafka, { kafka, scale });
      const summary = await onKafka.summary();
      const restarted = (await onKafka.logged('started')).length - SERVICES * (1 + restarts);
      const differing = FIGURES.filter((figure) => summary[figure] !== expected[figure]).length;
      const [calls, wanted] = [new Set(onKafka.calls), new Set(inOne.calls)];
      return {
        events: summary.events,
        lost: [...wanted].filter((call) => !calls.has(call)).length,
        doubled: onKafka.calls.length - calls.size,
        disordered: differing,
        refused: (summary.oracle.clean ? 0 : 1) + Math.abs(restarted),
        backfilled: 0,
        measured,
      };
    } finally {
      await onKafka.remove();
      await kafka.stop(0);
      await inOne.remove();
    }
  },
});

const killOne = async (kafka: KafkaCluster, at: number, apartMs: number): Promise<void> => {
  const victim = kafka.node((at % kafka.nodes.length) + 1);
  await victim.kill();
  await pause(apartMs);
  await victim.restart();
  await pause(apartMs);
};

/** One after the other, as a rolling deployment does. */
const restartAll =
  (signal: NodeJS.Signals): Act =>
  async (run) => {
    let longest = 0;
    for (const service of (await run.services()).keys())
      longest = Math.max(longest, await run.restart(service, signal));
    return { 'until a service worked again, at most': Math.round(longest) };
  };

export const PRODUCT_FAULTS: readonly Scenario[] = [
  product(
    'product-restarted',
    'the whole product, while each service is told to end and started again',
    restartAll('SIGTERM'),
    1,
  ),
  product(
    'product-killed',
    'the whole product, while each service is killed and started again',
    restartAll('SIGKILL'),
    1,
  ),
  product(
    'product-brokers-killed',
    'the whole product, while one broker after the other is killed',
    async (_, { kafka, scale }) => {
      for (let kill = 0; kill < scale.kills; kill++) await killOne(kafka, kill, 3_000);
      return {};
    },
  ),
  product(
    'product-kafka-gone',
    'the whole product, while all of Kafka is away: services not ready, alive, none started again',
    async (run, { kafka, scale }) => {
      await Promise.all(kafka.nodes.map((node) => node.kill()));
      const from = performance.now();
      let notReadyAfter = Number.NaN;
      while (performance.now() - from < scale.kafkaGoneMs) {
        if (Number.isNaN(notReadyAfter) && (await run.answering('/ready', 503)) === SERVICES)
          notReadyAfter = performance.now() - from;
        await pause(250);
      }
      const alive = await run.answering('/live', 200);
      await Promise.all(kafka.nodes.map((node) => node.restart()));
      const back = performance.now();
      while ((await run.answering('/ready', 200)) < SERVICES && performance.now() - back < 60_000) await pause(100);
      return {
        'until every service was not ready': Math.round(notReadyAfter),
        'services that were alive meanwhile (of 8)': alive,
        'until every service was ready, from when the brokers answered': Math.round(performance.now() - back),
      };
    },
  ),
];

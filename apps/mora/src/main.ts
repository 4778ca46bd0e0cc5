/** `mora`: the command line. */
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { DAY_MS, isDate, MINUTE_MS } from '@mora/business-time';
import { comparePaths, comparisonShown, LogUnreadable } from '@mora/simulation';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ask } from './ask.js';
import type { ClusterOptions } from './cluster/cluster.js';
import { type ColumnMap, columnMapOf } from './column-map.js';
import { keepPrivate } from './data-directory.js';
import { DatabaseGone, UsageError } from './errors.js';
import { parseFault } from './faults.js';
import { runLoad } from './load.js';
import { type RedriveArguments, runRedrive } from './redrive.js';
import { run, type Start } from './run.js';
import { shown } from './show.js';

const DEFAULT_DATA = '.mora';
/** Of the page and the API, if it is free: the same address at every start. */
const PAGE_PORT = 7373;

const wholeNumber = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  return value;
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('must be a number above 0.');
  return value;
};

const date = (text: string): string => {
  if (!isDate(text)) throw new InvalidArgumentError('must be a date such as 2026-11-02.');
  return text;
};

/** Variables that stand in for options; each is read once, here. */
const environment = (name: string): string | undefined => {
  const value = process.env[name];
  return value === '' ? undefined : value;
};

/** A port of one of the doors: `off`: not served, 0: any free one, as when none is named and the first choice is taken. */
const portFrom = async (variable: string, firstChoice?: number): Promise<number | null> => {
  const text = environment(variable);
  if (text === 'off') return null;
  if (text === undefined) return firstChoice !== undefined && (await isFree(firstChoice)) ? firstChoice : 0;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`${variable} must be a port number, or "off"`);
  return port;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .once('listening', () => server.close(() => resolve(true)))
      .listen(port, '127.0.0.1');
  });

/** Fixed at installation; given again, it must be the same. */
const shards = (): { readonly shards?: number } => {
  const text = environment('SHARDS');
  if (text === undefined) return {};
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new UsageError('SHARDS must be a whole number from 1 to 256');
  return { shards: count };
};

/** How long a database that does not answer is waited for. */
const databasePatience = (): { readonly databasePatienceMs?: number } => {
  const text = environment('MORA_DATABASE_PATIENCE');
  if (text === undefined) return {};
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    throw new UsageError('MORA_DATABASE_PATIENCE must be a whole number of seconds from 1 to 86400');
  return { databasePatienceMs: seconds * 1000 };
};

const faultOf = (text: string | undefined) => (text === undefined ? null : parseFault(text));

interface LoadArguments {
  readonly data: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly encoding?: string;
  readonly map?: () => Promise<ColumnMap>;
  readonly idsExact?: boolean;
  readonly problems?: string;
}

const columnMapLater = (text: string) => (): Promise<ColumnMap> => columnMapOf(text);

const dataOption = () => new Option('--data <dir>', 'data directory').default(environment('MORA_DATA') ?? DEFAULT_DATA);
const jsonOption = () => new Option('--json', 'answer as JSON');

const program = new Command('mora')
  .description(
    'Contacts bank-card customers in the first days after a missed payment, decently and provably inside the rules.',
  )
  .showHelpAfterError('"mora --help" and "mora <command> --help" tell more')
  .exitOverride();

/** A command that asks one question of the installation. */
const question = (
  parent: Command,
  name: string,
  description: string,
  method: string,
  inputOf: (
    args: readonly string[],
    options: Record<string, unknown>,
  ) => Promise<Record<string, unknown>> | Record<string, unknown>,
): Command =>
  parent
    .command(name)
    .description(description)
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (...all: unknown[]) => {
      const command = all.at(-1) as Command;
      const options = command.opts<Record<string, unknown>>();
      const answer = await ask(resolve(String(options['data'])), method, await inputOf(command.args, options), {
        fault: faultOf(environment('MORA_FAULT')),
      });
      process.stdout.write(`${options['json'] ? JSON.stringify(answer, null, 2) : shown(method, answer)}\n`);
      if (method === 'oracle' && !(answer as { clean: boolean }).clean) process.exitCode = 1;
    });

/** Loaded only for those who ask for it. */
const clusterStart = async (
  given: Pick<ClusterOptions, 'brokers' | 'databaseUrl' | 'traces' | 'replicas'>,
): Promise<Start> => {
  const { startCluster } = await import('./cluster/cluster.js');
  return (options) => startCluster({ ...options, ...given });
};

const brokerList = (text: string): readonly string[] => {
  const list = text.split(',').map((each) => each.trim());
  if (list.every((each) => /^[^\s:]+:\d{1,5}$/.test(each))) return list;
  throw new InvalidArgumentError('must be host:port, several separated by commas.');
};

program
  .command('start')
  .description('embedded PostgreSQL, every service in one process, ten days of the sample book on a simulated carrier')
  .addOption(dataOption())
  .addOption(jsonOption())
  .option('--until-idle', 'end when the ten days are worked; exit code 0 only if the safety oracle is clean')
  .option(
    '--speed <days-per-minute>',
    'calendar days a minute at most (default 2; with --until-idle as fast as it goes)',
    positive,
  )
  .option(
    '--accounts <n>',
    'accounts of the sample book; beyond 6,818 its rows repeat under new ids',
    wholeNumber(1, 10_000_000),
  )
  .option('--from <date>', 'first business date', date)
  .option('--days <n>', 'calendar days to work', wholeNumber(1, 60))
  .option('--seed <n>', 'seed of everything that is simulated or drawn', wholeNumber(0, Number.MAX_SAFE_INTEGER))
  .option('--kafka', 'one process per service, with a Kafka broker between them that is started too')
  .option('--brokers <list>', 'with --kafka: your own brokers, host:port separated by commas', brokerList)
  .option('--database <url>', 'with --kafka: your own PostgreSQL, postgres://administrator:password@host:port/database')
  .option('--traces', 'with --kafka: OpenTelemetry spans of every service, as lines of JSON in <data>/traces')
  .option(
    '--replicas <n>',
    'with --kafka: processes of each service; of most one works, the others stand by',
    wholeNumber(1, 5),
  )
  .action(
    async (o: {
      data: string;
      json?: boolean;
      untilIdle?: boolean;
      speed?: number;
      accounts?: number;
      from?: string;
      days?: number;
      seed?: number;
      kafka?: boolean;
      brokers?: readonly string[];
      database?: string;
      traces?: boolean;
      replicas?: number;
    }) => {
      if (!o.kafka && (o.brokers ?? o.database ?? o.traces ?? o.replicas) !== undefined)
        throw new UsageError('--brokers, --database, --traces and --replicas go with --kafka');
      const untilIdle = o.untilIdle === true;
      const daysPerMinute = o.speed ?? (untilIdle ? null : 2);
      process.exitCode = await run(
        o.kafka
          ? await clusterStart({
              brokers: o.brokers ?? null,
              databaseUrl: o.database ?? null,
              traces: o.traces === true,
              replicas: o.replicas ?? 1,
            })
          : (await import('./embedded.js')).startEmbedded,
        {
          dataDir: resolve(o.data),
          wanted: {
            ...(o.seed === undefined ? {} : { seed: String(o.seed) }),
            ...(o.accounts === undefined ? {} : { accounts: o.accounts }),
            ...(o.from === undefined ? {} : { from: o.from }),
            ...(o.days === undefined ? {} : { days: o.days }),
            ...shards(),
          },
          maxSpeed: daysPerMinute === null ? null : (daysPerMinute * DAY_MS) / MINUTE_MS,
          httpPort: await portFrom('MORA_HTTP_PORT', PAGE_PORT),
          grpcPort: await portFrom('MORA_GRPC_PORT'),
          untilIdle,
          json: o.json === true,
          ...databasePatience(),
          checkOwnEvents: environment('MORA_CHECK_EVENTS') === 'on',
          fault: faultOf(environment('MORA_FAULT')),
        },
        process.stdout,
        process.stderr,
      );
    },
  );

program
  .command('load <file>')
  .description('take in a CSV file; exit code 1 if rows were parked, 2 if nothing was taken')
  .addOption(dataOption())
  .addOption(jsonOption())
  .option('--dry-run', 'check every row, store nothing')
  .option('--encoding <name>', 'of the file, where it cannot be told: big5, shift_jis, windows-1252, gb18030, …')
  .option(
    '--map <pairs>',
    "the bank's own words for columns: 账号=account_id,… or a file with such lines",
    columnMapLater,
  )
  .option('--ids-exact', 'the ids are right to the last digit, also where they look rounded by a spreadsheet')
  .option('--problems <file>', 'write every problem to this CSV file')
  .action(async (path: string, o: LoadArguments) => {
    const columns = await o.map?.();
    const request = {
      path: resolve(path),
      dryRun: o.dryRun === true,
      exactIds: o.idsExact === true,
      ...(o.encoding === undefined ? {} : { encoding: o.encoding }),
      ...(columns === undefined ? {} : { columns }),
    };
    const problemsPath = o.problems === undefined ? null : resolve(o.problems);
    process.exitCode = await runLoad(resolve(o.data), request, {
      problemsPath,
      json: o.json === true,
      fault: faultOf(environment('MORA_FAULT')),
    });
  });
question(program, 'status', 'business time, counts, lag', 'status', () => ({}));

const cases = program.command('cases').description('accounts in work');
question(cases, 'list', 'cases, filtered', 'cases.list', (_, o) => ({ ...o }))
  .option('--state <state>', 'open, promised, handed-over, cured, closed, tolerance')
  .option('--tier <tier>', 'L, M or H')
  .option('--label <label>', 'last intent label')
  .option('--limit <n>', 'rows', '50');
question(cases, 'show <case>', 'one case with its calls, SMS, promises and timeline', 'cases.show', ([id]) => ({ id }));

const calls = program.command('calls').description('calls');
question(calls, 'list', 'calls, newest first', 'calls.list', (_, o) => ({ ...o }))
  .option('--day <date>', 'business date', date)
  .option('--limit <n>', 'rows', '50');
question(
  calls,
  'show <call>',
  'one call turn by turn, with the rules that allowed it; its words are masked',
  'calls.show',
  ([id], o) => ({ id, reveal: o['reveal'] === true }),
).option('--reveal', 'with what was said and heard, for who may read it');

question(program, 'figures', 'the figures of a day, or of a period', 'figures', (_, o) => ({ ...o }))
  .option('--day <date>', 'one business date', date)
  .option('--from <date>', 'first business date; default: of the book', date)
  .option('--to <date>', 'last business date; default: today', date)
  .option('--cut <by>', 'day, hour, tier, term, arm, strategy, script, voice or detail');

question(
  program,
  'why <debtor>',
  'why this debtor was contacted or not; a debtor id, customer number or account id',
  'why',
  ([debtor], o) => ({
    debtor,
    at: o['at'],
  }),
).option('--at <instant>', 'as of an instant, such as 2026-11-03T02:00:00.000Z');

program
  .command('logs')
  .description('the logs of the simulated carrier and SMSC')
  .command('diff <a> <b>')
  .description('whether two data directories, or two logs, hold the same contacts; exit code 1 if they differ')
  .addOption(jsonOption())
  .action((a: string, b: string, o: { json?: boolean }) => {
    const found = comparePaths(resolve(a), resolve(b));
    process.stdout.write(`${o.json ? JSON.stringify(found, null, 2) : comparisonShown(found)}\n`);
    if (!found.same) process.exitCode = 1;
  });

const parked = program.command('parked').description('bank input that could not be taken in');
question(parked, 'list', 'parked records with field and reason', 'parked.list', (_, o) => ({ ...o }))
  .option('--limit <n>', 'rows', '50')
  .option('--state <state>', 'parked, redriven, replaced or all', 'parked')
  .option('--reason <text>', 'only whose first problem has these words')
  .option('--file <name>', 'only of this file');
question(parked, 'show <id>', 'one parked record', 'parked.show', ([id]) => ({ id }));
parked
  .command('redrive [id]')
  .description('try one parked record again, or many; exit code 1 if any stays parked')
  .addOption(dataOption())
  .addOption(jsonOption())
  .option('--raw <file>', 'corrected fields of the one record, as a JSON file')
  .option('--all', 'every parked record')
  .option('--reason <text>', 'those whose first problem has these words')
  .option('--file <name>', 'those of this file')
  .option('--as-is', 'the ids are right as they are')
  .action(async (id: string | undefined, o: RedriveArguments) => {
    process.exitCode = await runRedrive(resolve(o.data), id, o);
  });

const feeds = program.command('feeds').description('what services read of each other');
question(feeds, 'list', 'feeds that stopped, and timers that come to nothing', 'feeds.list', () => ({}));
question(
  feeds,
  'resume',
  'let feeds that stopped read on, once what stopped them is mended',
  'feeds.resume',
  () => ({}),
);
question(feeds, 'redrive <debtor>', "try a debtor's parked events again", 'feeds.redrive', ([debtor]) => ({ debtor }));

const who = () => environment('USER') ?? 'operator';

const history = program.command('history').description('what stores lost of their past, after a restore or failover');
question(history, 'show', 'what is missing, and what others know of it', 'history.show', () => ({}));
question(
  history,
  'confirm',
  'count what is missing as contacts that were made, and go on',
  'history.confirm',
  (_, o) => ({
    by: o['as'] ?? who(),
  }),
).option('--as <user>', 'who confirms (recorded as unauthenticated)');

const views = program.command('views').description('read views');
question(views, 'list', 'names of the views', 'views.list', () => ({}));
question(views, 'rebuild <name>', 'rebuild a view from the archive and switch to it', 'views.rebuild', ([name], o) => ({
  name,
  compare: o['compare'] === true,
})).option('--compare', 'show the differences by row, do not switch');

question(program, 'halt', 'stop contacts at once; survives restarts', 'halt', (_, o) => ({
  ...o,
  by: o['as'] ?? who(),
}))
  .requiredOption('--reason <text>', 'why')
  .option('--tier <tier>', 'only this tier')
  .option('--channel <channel>', 'only call or sms')
  .option('--debtor <id>', 'only this debtor')
  .option('--as <user>', 'who halts (recorded as unauthenticated)');
question(program, 'resume <halt>', 'lift a halt', 'resume', ([id], o) => ({
  id,
  reason: o['reason'],
  by: o['as'] ?? who(),
}))
  .requiredOption('--reason <text>', 'why')
  .option('--as <user>', 'who resumes (recorded as unauthenticated)');
question(
  program,
  'oracle',
  'the safety oracle over everything so far; exit code 1 if it finds anything',
  'oracle',
  () => ({}),
);
question(program, 'stop', 'stop the running process cleanly', 'stop', () => ({}));

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'PORT_IN_USE' && 'port' in error)
    return `port ${error.port} is taken by another program: free it, or set MORA_HTTP_PORT or MORA_GRPC_PORT to another, or "off"`;
  const known = 'code' in error && typeof error.code === 'string';
  return known ? error.message : (error.stack ?? error.message);
};

keepPrivate();
try {
  await program.parseAsync();
} catch (error) {
  const commander = error as { code?: string; exitCode?: number };
  if (commander.code?.startsWith('commander.')) process.exitCode = commander.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`mora: ${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError || error instanceof LogUnreadable ? 2 : 1;
    // Whatever waits for the database would keep this process for ever.
    if (error instanceof DatabaseGone) process.exit();
  }
}

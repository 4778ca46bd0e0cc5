/**
 * One schema and one role per service. The owner role migrates; the service's role may INSERT and SELECT on `events` and
 * nothing more there, so that no bug of ours can change the past.
 */
import { createHmac } from 'node:crypto';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { ServerAddress } from './embedded-postgres.js';

/** A migration of plain SQL; the name is persisted. */
/** One step of a schema's history: plain SQL, run once by the owner role. `name` is persisted, `<unix ms> <what>`. */
export interface SqlMigration {
  readonly name: string;
  readonly up: readonly string[];
}

export const sqlMigration = (name: string, ...up: readonly string[]): SqlMigration => ({ name, up });

/** TypeORM orders migrations by the 13 digits at the end of a class name: `1763900000000 event store` → `EventStore1763900000000`. */
const storedName = ({ name }: SqlMigration): string => {
  const time = /\d{13}/.exec(name)?.[0];
  if (time === undefined) throw new TypeError(`Migration ${JSON.stringify(name)} has no time (13 digits)`);
  const words = name.replace(time, '').split(/[^A-Za-z0-9]+/);
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}${time}`;
};

const forTypeOrm = (migration: SqlMigration): (new () => MigrationInterface) => {
  const { up } = migration;
  const stored = storedName(migration);
  return class implements MigrationInterface {
    readonly name = stored;
    async up(runner: QueryRunner): Promise<void> {
      for (const statement of up) await runner.query(statement);
    }
    /** Forward only: a mistake is mended by the next migration. */
    async down(): Promise<void> {
      throw new TypeError(`${stored} cannot be undone`);
    }
  };
};

/** A database to log in to, and as whom. */
export interface DatabaseAddress extends ServerAddress {
  readonly database: string;
}

export const OWNER = 'mora_owner';
export const ANALYST = 'mora_analyst';
/** Schema and role of a service have the same name: `mora_debtor_intake`. */
export const databaseRoleOf = (service: string): string => {
  const name = `mora_${service.replaceAll('-', '_')}`;
  if (!/^mora_[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`Not a service name: ${JSON.stringify(service)}`);
  return name;
};

/** The same password at every start, without a place to keep it: derived from the server's own. */
const passwordOf = (server: ServerAddress, role: string): string =>
  createHmac('sha256', server.password).update(`role|${role}`).digest('base64url');

export const ownerAddress = (server: ServerAddress, database: string): DatabaseAddress => ({
  ...server,
  user: OWNER,
  password: passwordOf(server, OWNER),
  database,
});

export const serviceAddress = (server: ServerAddress, database: string, service: string): DatabaseAddress => ({
  ...server,
  user: databaseRoleOf(service),
  password: passwordOf(server, databaseRoleOf(service)),
  database,
});

/**
 * Makes, as the server's administrator, the database with the owner's role and each service's role and schema; what is
 * there already stays. For the embedded server and tests; a deployment's operator makes them otherwise.
 */
export const provision = async (
  server: ServerAddress,
  options: { readonly database: string; readonly services: readonly string[] },
): Promise<void> => {
  const { database } = options;
  if (!/^[a-z][a-z0-9_]*$/.test(database)) throw new TypeError(`Not a database name: ${JSON.stringify(database)}`);
  await withClient({ ...server, database: 'postgres' }, async (client) => {
    await client.query('select pg_advisory_lock(7212001)');
    for (const role of [OWNER, ...options.services.map(databaseRoleOf)]) await ensureRole(client, server, role);
    await ensureAnalyst(client);
    const known = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (known.rowCount === 0) await client.query(`create database ${database} owner ${OWNER}`);
    await client.query(`revoke all on database ${database} from public`);
    for (const service of options.services) {
      await client.query(`grant connect on database ${database} to ${databaseRoleOf(service)}`);
    }
  });
  await withClient(ownerAddress(server, database), async (client) => {
    for (const schema of options.services.map(databaseRoleOf)) {
      await client.query(`create schema if not exists ${schema} authorization ${OWNER}`);
    }
  });
};

/** Reads the analysts' views and nothing else; whoever works with it is granted it. Its rights come with those views. */
const ensureAnalyst = async (client: pg.Client): Promise<void> => {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [ANALYST]);
  if (known.rowCount === 0) await client.query(`create role ${ANALYST} nologin`);
};

const ensureRole = async (client: pg.Client, server: ServerAddress, role: string): Promise<void> => {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  if (known.rowCount === 0) await client.query(`create role ${role}`);
  await client.query(`alter role ${role} login password '${passwordOf(server, role)}'`);
  if (role !== OWNER) await client.query(`alter role ${role} set search_path = ${role}`);
};

/**
 * Runs what is new of a service's migrations, each in its own transaction, as the owner, then grants the service's role
 * what it may do. Two processes at once: one waits for the other.
 */
export const migrate = async (
  owner: DatabaseAddress,
  service: string,
  migrations: readonly SqlMigration[],
): Promise<void> => {
  const schema = databaseRoleOf(service);
  await withClient(owner, async (client) => {
    await client.query('select pg_advisory_lock(7212002, hashtext($1))', [schema]);
    // Heavy, and only needed here.
    const { DataSource } = await import('typeorm');
    const source = new DataSource({
      type: 'postgres',
      host: owner.host,
      port: owner.port,
      username: owner.user,
      password: owner.password,
      database: owner.database,
      schema,
      applicationName: `mora-${service}-migrate`,
      extra: { options: `-c search_path=${schema}`, max: 1 },
      installExtensions: false,
      migrations: migrations.map(forTypeOrm),
      migrationsTableName: 'migrations',
      migrationsTransactionMode: 'each',
    });
    await source.initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
    await grant(client, schema);
  });
};

/** No such table, no such schema, or one that the owner has not granted yet. */
const NOT_THERE: readonly unknown[] = ['42P01', '3F000', '42501'];

/**
 * What of a service's migrations has not been run in its schema, asked by the service's own role.
 * @returns names, in their order; all of them when there is no such schema
 */
export const missingMigrations = async (
  pool: pg.Pool,
  service: string,
  migrations: readonly SqlMigration[],
): Promise<readonly string[]> => {
  const table = `${databaseRoleOf(service)}.migrations`;
  const { rows } = await pool
    .query<{ name: string }>(`select name from ${table}`)
    .catch((error: { code?: unknown }) => {
      if (NOT_THERE.includes(error.code)) return { rows: [] };
      throw error;
    });
  const run = new Set(rows.map(({ name }) => name));
  return migrations.filter((migration) => !run.has(storedName(migration))).map(({ name }) => name);
};

/** What happened is added and read, never changed: a service's events, and what analytics keeps of everybody's. */
const APPEND_ONLY = ['events', 'archive'];

/** Written anew after every migration, so that a table added by one is never forgotten. Partitions of such tables get nothing. */
const grant = async (client: pg.Client, schema: string): Promise<void> => {
  const { rows } = await client.query<{ name: string; parent: string | null }>(
    `select c.relname as name, p.relname as parent from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
     where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm')`,
    [schema],
  );
  const rights = ({ name, parent }: { name: string; parent: string | null }): string | null => {
    if (parent !== null && APPEND_ONLY.includes(parent)) return null;
    if (APPEND_ONLY.includes(name)) return 'select, insert';
    return name === 'migrations' ? 'select' : 'select, insert, update, delete';
  };
  const statements = rows.flatMap((table) => {
    const target = `${schema}.${client.escapeIdentifier(table.name)}`;
    const granted = rights(table);
    return [
      `revoke all on ${target} from ${schema}`,
      ...(granted === null ? [] : [`grant ${granted} on ${target} to ${schema}`]),
    ];
  });
  const all = [
    'begin',
    `grant usage on schema ${schema} to ${schema}`,
    ...statements,
    `grant usage, select on all sequences in schema ${schema} to ${schema}`,
    'commit',
  ];
  await client.query(all.join(';\n'));
};

export interface PoolOptions {
  readonly max?: number;
  /** The server ends a statement that takes longer; default 30 s. */
  readonly statementMs?: number;
  /** A connection that says nothing for so long is given up; longer than a statement may take, default 40 s. */
  readonly silenceMs?: number;
  /** Told of connections that broke while idle; without it such a break would end the process. */
  readonly log: (message: string) => void;
}

const STATEMENT_MS = 30_000;
const SILENCE_MS = 40_000;
/** The server notices a client whose machine vanished, and lets go of its locks. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** Connections of a service: own schema first, and nobody waits for a lock or idles in a transaction for ever. */
export const createPool = (address: DatabaseAddress, service: string, options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    database: address.database,
    max: options.max ?? 16,
    application_name: `mora-${service}`,
    connectionTimeoutMillis: 10_000,
    lock_timeout: 10_000,
    statement_timeout: options.statementMs ?? STATEMENT_MS,
    query_timeout: options.silenceMs ?? SILENCE_MS,
    idle_in_transaction_session_timeout: 30_000,
    options: `-c search_path=${databaseRoleOf(service)} ${KEEPALIVE}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  pool.on('error', (error) => {
    if (!pool.ending) options.log(`Database connection of ${service} lost: ${error.message}`);
  });
  // The pool listens to idle connections only; one that breaks between two queries of its user would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

const withClient = async <T>(address: DatabaseAddress, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

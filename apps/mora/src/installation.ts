/** One installation: its data directory, its PostgreSQL, and what was fixed when it was made. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EVENT_STORE_MIGRATION } from '@mora/event-store-postgres';
import {
  createPool,
  type DatabaseAddress,
  type EmbeddedPostgres,
  migrate,
  ownerAddress,
  provision,
  type ServerAddress,
  type SqlMigration,
  serviceAddress,
  startEmbeddedPostgres,
} from '@mora/postgres';
import type { Pool } from 'pg';
import { openDataDirectory } from './data-directory.js';
import { InstallationDiffers } from './errors.js';

const DATABASE = 'mora';
/** Not waited for on the disk: after a crash of the machine, time goes on from the shards' last events all the same. */
const SAVE_CLOCK = `with lazy as (select set_config('synchronous_commit', 'off', true))
  update clock set business_at = $1 from lazy`;

/** Fixed at the first start. */
export interface InstallationFacts {
  readonly seed: string;
  readonly shards: number;
  /** First business date, `2026-11-02`. */
  readonly from: string;
  readonly days: number;
  readonly accounts: number;
  readonly anchorId: string;
}

/** Of a book that nobody asked to be otherwise. */
export const DEFAULTS: InstallationFacts = {
  seed: '1',
  shards: 12,
  from: '2026-11-02',
  days: 10,
  accounts: 6_818,
  anchorId: 'embedded-1',
};

export const STRATEGY = fileURLToPath(new URL('../../../strategies/cn-early-delinquency', import.meta.url));

const OWN: SqlMigration = {
  name: '1763900000001 installation',
  up: [
    `create table installation (
       only_one boolean primary key default true check (only_one),
       facts text not null,
       made_at timestamptz not null default clock_timestamp()
     )`,
    `create table clock (
       only_one boolean primary key default true check (only_one),
       business_at text collate "C" not null
     ) with (fillfactor = 10)`,
  ],
};

export interface ServiceSchema {
  readonly name: string;
  readonly ownsStreams: boolean;
  /** Null: the service's own process runs them. */
  readonly migrations: readonly SqlMigration[] | null;
}

/** An administrator's way into somebody else's PostgreSQL. */
export interface OwnDatabase {
  readonly server: ServerAddress;
  readonly database: string;
}

export interface Installation {
  readonly dataDir: string;
  readonly postgres: ServerAddress & Pick<EmbeddedPostgres, 'dataDir'>;
  /** How a service logs in, and how its migrations do. */
  address(service: string): DatabaseAddress;
  readonly owner: DatabaseAddress;
  readonly facts: InstallationFacts;
  readonly isNew: boolean;
  /** Business time at which the clock stands. */
  readonly clockAt: string;
  pool(service: string): Pool;
  saveClock(at: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenInstallation {
  readonly dataDir: string;
  readonly wanted: Partial<InstallationFacts>;
  readonly defaults: InstallationFacts;
  readonly services: readonly ServiceSchema[];
  readonly startAt: (facts: InstallationFacts) => string;
  readonly log: (message: string) => void;
  readonly settings?: Readonly<Record<string, string>>;
  /** Instead of an embedded one. */
  readonly own?: OwnDatabase | null;
}

/**
 * Opens the data directory, or makes it.
 * @throws InstallationDiffers when what is asked for contradicts what was fixed.
 */
export const openInstallation = async (options: OpenInstallation): Promise<Installation> => {
  const dataDir = await openDataDirectory(resolve(options.dataDir));
  const { own = null } = options;
  const database = own?.database ?? DATABASE;
  const embedded =
    own === null
      ? await startEmbeddedPostgres({
          dataDir: join(dataDir, 'postgres'),
          log: options.log,
          ...(options.settings ? { settings: options.settings } : {}),
        })
      : null;
  const postgres = embedded ?? { ...own!.server, dataDir: 'elsewhere' };
  const owner = ownerAddress(postgres, database);
  const address = (service: string) => serviceAddress(postgres, database, service);
  const pools = new Map<string, Pool>();
  const close = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
    await embedded?.stop();
  };
  try {
    const mora: ServiceSchema = { name: 'mora', ownsStreams: false, migrations: [OWN] };
    const services = [mora, ...options.services];
    await provision(postgres, { database, services: services.map((s) => s.name) });
    for (const service of services) {
      if (service.migrations === null) continue;
      const all = [...(service.ownsStreams ? [EVENT_STORE_MIGRATION] : []), ...service.migrations];
      await migrate(owner, service.name, all);
    }
    const pool = (service: string): Pool => {
      const known = pools.get(service);
      if (known) return known;
      const made = createPool(address(service), service, { max: 6, log: options.log });
      pools.set(service, made);
      return made;
    };
    const { facts, isNew } = await settle(pool('mora'), options);
    const clockAt = await readClock(pool('mora'), options.startAt(facts));
    return {
      dataDir,
      postgres,
      address,
      owner,
      facts,
      isNew,
      clockAt,
      pool,
      saveClock: async (at) => {
        await pool('mora').query({ name: 'save_clock', text: SAVE_CLOCK, values: [at] });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const settle = async (pool: Pool, options: OpenInstallation): Promise<{ facts: InstallationFacts; isNew: boolean }> => {
  const fresh: InstallationFacts = { ...options.defaults, ...options.wanted };
  const made = await pool.query('insert into installation (facts) values ($1) on conflict do nothing', [
    JSON.stringify(fresh),
  ]);
  const { rows } = await pool.query<{ facts: string }>('select facts from installation');
  const facts = JSON.parse(rows[0]!.facts) as InstallationFacts;
  for (const [name, value] of Object.entries(options.wanted)) {
    const stored = facts[name as keyof InstallationFacts];
    if (stored !== value) throw new InstallationDiffers(name, stored, value);
  }
  return { facts, isNew: made.rowCount === 1 };
};

const readClock = async (pool: Pool, startAt: string): Promise<string> => {
  await pool.query('insert into clock (business_at) values ($1) on conflict do nothing', [startAt]);
  const { rows } = await pool.query<{ business_at: string }>('select business_at from clock');
  return rows[0]!.business_at;
};

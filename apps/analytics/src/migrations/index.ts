import type { SqlMigration } from '@mora/postgres';
import { archiveMigration } from './1795000000000-archive.js';

export const migrations: readonly SqlMigration[] = [archiveMigration];

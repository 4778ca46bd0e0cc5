import { type SqlMigration, sqlMigration } from '@mora/postgres';

export const migrations: readonly SqlMigration[] = [
  sqlMigration(
    '1763900100000 keys and parked input',
    `create table debtor_keys (
       debtor_id uuid primary key,
       key_id text not null,
       wrapped_key text not null,
       created_at timestamptz not null default clock_timestamp()
     )`,
    `create table parked_input (
       id uuid primary key,
       channel text not null,
       name text not null,
       offset_no bigint not null,
       reason text not null,
       field text not null,
       value_hint text not null,
       problems text not null,
       raw text not null,
       state text not null check (state in ('parked', 'redriven')),
       received_at timestamptz not null,
       expires_at timestamptz not null
     )`,
    'create index parked_input_by_time on parked_input (received_at, id)',
    'create index parked_input_expiry on parked_input (expires_at)',
  ),
  sqlMigration(
    '1763900105000 parked input that waits for another record',
    'alter table parked_input add column waits_for text',
    `create index parked_input_waiting on parked_input (waits_for) where state = 'parked' and waits_for is not null`,
  ),
  sqlMigration(
    '1763900110000 positions in the topics of the bank',
    `create table bank_offsets (
       topic text not null,
       partition integer not null,
       generation integer not null,
       next_offset bigint not null,
       paid_to bigint not null,
       taken_to bigint not null,
       mark_offset bigint,
       mark_hash text,
       moved_at timestamptz not null default clock_timestamp(),
       primary key (topic, partition)
     )`,
  ),
  sqlMigration(
    '1764000100000 parked input that a later record replaces',
    'alter table parked_input add column event_key text',
    'alter table parked_input drop constraint parked_input_state_check',
    `alter table parked_input add constraint parked_input_state_check check (state in ('parked', 'redriven', 'replaced'))`,
    `create index parked_input_by_event on parked_input (event_key) where state = 'parked'`,
  ),
];

/**
 * The archive belongs to the owner; the service's role adds facts and reads them. View tables and the analysts' schema hold
 * derived rows: the service makes, rebuilds and switches those itself.
 */
import type { SqlMigration } from '@mora/postgres';
import { ANALYST, MART_SCHEMA } from '../mart/mart.js';
import { VIEW_SCHEMA } from '../projection/view.js';

export const archiveMigration: SqlMigration = {
  name: '1795000000000 archive',
  up: [
    `create table archive (
       month text not null, source text not null, epoch bigint not null, shard int not null, position bigint not null,
       id text not null, type text not null, subject text not null, stream text not null, version bigint not null,
       at text not null, recorded_at text not null, data text not null, meta text not null,
       primary key (source, shard, epoch, position, month)
     ) partition by list (month)`,
    'create index on archive (subject)',
    'create index on archive using brin (at) with (pages_per_range = 16, autosummarize = on)',
    `create function open_archive_month(wanted text) returns void language plpgsql security definer
     set search_path from current as $$
     begin
       if wanted !~ '^[0-9]{4}-[0-9]{2}$' then raise exception 'not a month: %', wanted; end if;
       perform pg_advisory_xact_lock(7212010);
       execute format('create table if not exists %I partition of archive for values in (%L)',
                      'archive_' || replace(wanted, '-', '_'), wanted);
     end $$`,
    `create table checkpoints (
       processor text not null, source text not null, shard int not null,
       epoch bigint not null default 0, position bigint not null default 0, last_at text not null default '', event_id text not null default '',
       views text not null default '',
       primary key (processor, source, shard)
     )`,
    `create table view_left (
       view text not null, source text not null, shard int not null, epoch bigint not null, position bigint not null,
       primary key (view, source, shard)
     )`,
    `create table view_use (view text primary key, used_at timestamptz not null default clock_timestamp())`,
    `create table projection_faults (
       view text not null, source text not null, epoch bigint not null, shard int not null, position bigint not null,
       type text not null, error text not null, primary key (view, source, shard, epoch, position)
     )`,
    `do $$
     declare me text := current_schema();
     begin
       execute 'create schema if not exists ${VIEW_SCHEMA}';
       execute 'create schema if not exists ${MART_SCHEMA}';
       if exists (select from pg_roles where rolname = me) then
         execute format('grant usage, create on schema ${VIEW_SCHEMA} to %I', me);
         execute format('grant usage, create on schema ${MART_SCHEMA} to %I with grant option', me);
       end if;
       if not exists (select from pg_roles where rolname = '${ANALYST}')
          and exists (select from pg_roles where rolname = current_user and (rolcreaterole or rolsuper)) then
         create role ${ANALYST} nologin;
       end if;
     exception when duplicate_object or unique_violation then null;
     end $$`,
  ],
};

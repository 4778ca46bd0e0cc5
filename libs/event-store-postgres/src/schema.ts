/**
 * Tables of one service's store. Every unique index leads with `shard`, so that `events` can be partitioned. `data` and `meta`
 * are text: the exact JSON that is published (jsonb refuses \u0000 and lone surrogates, reorders keys, and copies slower).
 */
export const EVENT_STORE_MIGRATION = {
  name: '1763900000000 event store',
  up: [
    `create table heads (
       shard int primary key,
       position bigint not null,
       last_at text collate "C" not null,
       epoch int not null default 1
     ) with (fillfactor = 50)`,
    `create table events (
       shard int not null,
       position bigint not null,
       stream text collate "C" not null,
       version int not null,
       id uuid not null,
       type text not null,
       data text not null,
       meta text not null,
       recorded_at timestamptz not null default clock_timestamp(),
       primary key (shard, position),
       unique (shard, stream, version),
       unique (shard, id)
     )`,
    `create table snapshots (
       shard int not null,
       stream text collate "C" not null,
       version int not null,
       fold_version int not null,
       state text not null,
       primary key (shard, stream)
     )`,
    `create table timers (
       shard int not null,
       stream text collate "C" not null,
       name text collate "C" not null,
       due_at text collate "C" not null,
       subject text not null,
       wake_at text collate "C" not null,
       tries int not null default 0,
       error text,
       primary key (shard, stream, name)
     )`,
    'create index timers_wake on timers (wake_at, shard, stream, name)',
    'create index timers_latent on timers (tries) where tries > 0',
    'create index timers_name on timers (name)',
    `create table checkpoints (
       processor text not null,
       source text not null,
       shard int not null,
       epoch int not null,
       position bigint not null,
       event_id text not null,
       primary key (shard, processor, source)
     ) with (fillfactor = 50)`,
    `create table parked_events (
       processor text not null,
       source text not null,
       shard int not null,
       epoch int not null,
       position bigint not null,
       subject text not null,
       type text not null,
       envelope text not null,
       error text not null,
       culprit boolean not null,
       parked_at timestamptz not null default clock_timestamp(),
       primary key (shard, processor, source, epoch, position)
     )`,
    'create index parked_by_subject on parked_events (subject)',
    `create table stopped_feeds (
       processor text not null,
       source text not null,
       shard int not null,
       reason text not null,
       stopped_at timestamptz not null default clock_timestamp(),
       primary key (shard, processor, source)
     )`,
    `create table epochs (
       epoch int not null,
       shard int not null,
       base bigint not null,
       begun_at timestamptz not null default clock_timestamp(),
       reason text not null,
       lost boolean not null default false,
       confirmed_at timestamptz,
       confirmed_by text,
       primary key (shard, epoch)
     )`,
    `create table side_rows (
       key text collate "C" primary key,
       row text not null,
       written_at timestamptz not null default clock_timestamp()
     )`,
    `create table store_identity (
       only_one boolean primary key default true check (only_one),
       source text not null,
       shards int not null,
       system_id text not null,
       timeline int not null
     )`,
  ],
} as const;

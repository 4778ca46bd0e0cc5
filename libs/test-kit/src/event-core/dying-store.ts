/** A process that dies at a chosen step of its loop. */
import {
  type CommitResult,
  type EventStore,
  type LockedSession,
  StoreUnavailable,
  type StoreWrite,
} from '@mora/eventing';
import { wrapStore } from './rig.js';

/** Steps of the loop at which a process may die. */
export const KILLS = [
  'before the lock',
  'after the lock',
  'before the insert',
  'after the insert',
  'after the commit',
] as const;
type Kill = (typeof KILLS)[number];

/** The store as a process sees it that dies once at a step: nothing it does afterwards reaches the store. */
export const dying = (store: EventStore, kill: Kill, after: number, cut: string | undefined): EventStore => {
  let calls = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new StoreUnavailable(`killed ${kill}`);
  };
  const atTurn = () => {
    if (dead) die();
    calls += 1;
    return calls > after;
  };
  const cutIn = (write: StoreWrite): StoreWrite => ({ ...write, sql: [...write.sql, { text: cut!, values: [] }] });
  const end = async (call: Promise<CommitResult>, isLast: boolean): Promise<CommitResult> => {
    const result = await call;
    return isLast && kill === 'after the commit' ? die() : result;
  };
  return wrapStore(store, {
    commit: async (write) => {
      const isLast = atTurn();
      if (isLast && (kill === 'before the lock' || kill === 'after the lock' || kill === 'before the insert')) die();
      return end(store.commit(isLast && kill === 'after the insert' ? cutIn(write) : write), isLast);
    },
    locked: async (shards, build) => {
      const isLast = atTurn();
      if (isLast && kill === 'before the lock') die();
      const dyingBuild = async (session: LockedSession): Promise<StoreWrite> => {
        if (isLast && kill === 'after the lock') die();
        const write = await build(session);
        if (isLast && kill === 'before the insert') die();
        return isLast && kill === 'after the insert' ? cutIn(write) : write;
      };
      return end(store.locked(shards, dyingBuild), isLast);
    },
  });
};

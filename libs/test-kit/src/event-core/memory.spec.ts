import { MemoryStore } from '@mora/eventing';
import { SHARDS, type StoreLane } from './rig.js';
import { storeContract } from './store-contract.js';

let kept: MemoryStore;
const lane: StoreLane = {
  fresh: async () => {
    kept = new MemoryStore('dialer', SHARDS, () => Date.now());
    return kept;
  },
  replica: async () => kept,
};

storeContract('the memory store', lane);

import { MemoryStore } from '@mora/eventing';
import { SHARDS } from './rig.js';
import { eventCoreContracts } from './suites.js';

let kept: MemoryStore;
const fresh = async () => {
  kept = new MemoryStore('dialer', SHARDS, () => Date.now());
  return kept;
};

eventCoreContracts('the memory store', { fresh, replica: async () => kept }, 40);

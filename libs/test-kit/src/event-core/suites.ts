/** Every suite of the event core on one kind of store. */
import { causalityContract } from './causality-contract.js';
import { deliveryContract } from './delivery-contract.js';
import { exactlyOnceContract } from './exactly-once-contract.js';
import { feedContract } from './feed-contract.js';
import { storeFeedOn, topicFeedOn } from './feeds.js';
import { isolationContract } from './isolation-contract.js';
import { parkingContract } from './parking-contract.js';
import { redriveContract } from './redrive-contract.js';
import type { StoreLane } from './rig.js';
import { storeContract } from './store-contract.js';
import { timerContract } from './timer-contract.js';
import { writerContract } from './writer-contract.js';

/** @param runs of each property */
export const eventCoreContracts = (name: string, lane: StoreLane, runs: number): void => {
  storeContract(name, lane);
  writerContract(name, lane, runs);
  feedContract(`a store feed on ${name}`, storeFeedOn(lane), runs);
  feedContract(`a topic behind ${name}`, topicFeedOn(lane), runs);
  exactlyOnceContract(name, lane);
  deliveryContract(name, lane, runs);
  parkingContract(name, lane);
  redriveContract(name, lane);
  isolationContract(name, lane);
  causalityContract(name, lane, runs);
  timerContract(name, lane);
};

/**
 * Faults on real brokers: `npm run faults`. A stage of the event core (store, relay, Kafka, consumers as processes of their
 * own) and the product itself are put under load while brokers, topics and consumers are hurt; then every event is looked for.
 */
export { startDatabase } from './ground.js';
export { SCENARIOS, type Scale, type Scenario } from './scenarios.js';
export { Stage, type Verdict } from './stage.js';

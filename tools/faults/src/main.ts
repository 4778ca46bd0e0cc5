/**
 * `npm run faults [-- name …] [--short]`: every fault on three real brokers, or those named. Prints what was lost (nothing, or
 * it ends with 1) and how long the events stood still. The long form takes about twenty minutes.
 */
import { startKafka } from '@mora/kafka';
import { diskFull } from './disk-full.js';
import { startDatabase } from './ground.js';
import { PRODUCT_FAULTS } from './product.js';
import { LONG, SHORT } from './scales.js';
import { SCENARIOS, type Scenario, type Setting } from './scenarios.js';

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const scale = args.includes('--short') ? SHORT : LONG;
const all: readonly Scenario[] = [...SCENARIOS, diskFull, ...PRODUCT_FAULTS];
const unknown = names.filter((name) => !all.some((each) => each.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no fault is called ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`);
});

const line = (text: string) => process.stdout.write(`${text}\n`);
const postgres = await startDatabase();
const kafka = await startKafka({ nodes: 3 });
const setting: Setting = { kafka, postgres, scale };
let failed = 0;
try {
  for (const scenario of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
    line(`${scenario.name}: ${scenario.what}`);
    try {
      const { measured, ...verdict } = await scenario.run(setting);
      const isWhole = Object.entries(verdict).every(
        ([what, count]) => what === 'events' || what === 'backfilled' || count === 0,
      );
      if (!isWhole) failed += 1;
      line(`  ${isWhole ? 'whole' : 'NOT WHOLE'}: ${shown(verdict)}`);
      for (const [called, ms] of Object.entries(measured)) line(`  ${called}: ${ms} ms`);
    } catch (error) {
      failed += 1;
      line(`  FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  await Promise.all([kafka.stop(0), postgres.stop()]);
}
process.exit(failed === 0 ? 0 : 1);

function shown(verdict: object): string {
  return Object.entries(verdict)
    .map(([what, count]) => `${Number(count).toLocaleString('en-US')} ${what}`)
    .join(', ');
}

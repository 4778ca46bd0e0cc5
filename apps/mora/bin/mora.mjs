#!/usr/bin/env node
// `npx mora` in a clone: makes it ready, then runs the command line under Node 24.
import { main } from '../../../tools/run/run.mjs';

await main(['apps/mora/dist/main.js', ...process.argv.slice(2)]);

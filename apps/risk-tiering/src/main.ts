/** `risk-tiering` as a process of its own, with the policies' source. */
import { bootstrap } from '@mora/service';
import { RiskTieringModule } from './risk-tiering.module.js';

await bootstrap(RiskTieringModule);

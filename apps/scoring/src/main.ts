/** `scoring` as a process of its own. */
import { bootstrap } from '@mora/service';
import { ScoringModule } from './scoring.module.js';

await bootstrap(ScoringModule);

/** `scoring` as a process of its own. */
import { runProcess } from '@mora/service';
import { scoringService } from './scoring.module.js';

await runProcess({
  name: 'scoring',
  define: () => ({ definitions: [scoringService()], followsPolicies: true }),
});

export { scoringService } from './scoring.module.js';

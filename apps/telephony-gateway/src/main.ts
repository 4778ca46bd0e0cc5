/** `telephony-gateway` as a process of its own. */
import { bootstrap } from '@mora/service';
import { TelephonyGatewayModule } from './telephony-gateway.module.js';

await bootstrap(TelephonyGatewayModule);

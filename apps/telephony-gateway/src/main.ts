/** `telephony-gateway` as a process of its own. */
import {
  permitKeyOfSecret,
  permitPublicKey,
  permitPublicKeyOfBytes,
  seededPermitSecret,
  verifyPermit,
} from '@mora/keys';
import { bytes, integer, oneOf, runProcess, text } from '@mora/service';
import { DEFAULT_CHANNELS, DEFAULT_STARTS_PER_SECOND } from './config.js';
import { telephonyGatewayService } from './telephony-gateway.module.js';

await runProcess({
  name: 'telephony-gateway',
  needsSeed: true,
  settings: {
    telephonyAdapter: oneOf(['simulated'], 'simulated'),
    gatewayId: text('gateway-1'),
    trunk: text('simulated-1'),
    numberShown: text('+999400000000'),
    channels: integer({ min: 1, max: 10_000 }, DEFAULT_CHANNELS),
    startsPerSecond: integer({ min: 1, max: 1_000 }, DEFAULT_STARTS_PER_SECOND),
    carrierLog: text('carrier.ndjson'),
  },
  secrets: { permitPublicKey: bytes(32) },
  define: ({ config, secret, incarnation, process }) => {
    const key = secret(
      (seed) => permitPublicKey(permitKeyOfSecret(seededPermitSecret(seed))),
      (given) => permitPublicKeyOfBytes(given.permitPublicKey),
    );
    const { gatewayId, trunk, numberShown, channels, startsPerSecond, carrierLog } = config;
    const service = telephonyGatewayService({
      gatewayId,
      trunk,
      numberShown,
      channels,
      startsPerSecond,
      incarnation,
      verifyPermit: (permit, wallAt) => {
        const result = verifyPermit(permit, key, Date.parse(wallAt));
        return result.ok ? null : result.problem;
      },
      simulated: { seed: process.seed!, logPath: carrierLog },
    });
    return { definitions: [service] };
  },
});

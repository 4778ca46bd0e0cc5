import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readLog, type SmscRecord, smsCourse } from '@mora/simulation';
import { SimulatedSmsc } from './outbound/simulated-smsc.js';
import { WayOut } from './sending/way-out.js';
import { CASE, DEBTOR, HASH, local, protocolOf } from './testing/facts.js';
import { SmsWorld } from './testing/sms-world.fixture.js';

/** A seed whose first SMS to this debtor is delivered. */
const seed = ['1', '2', '3', '4', '5'].find(
  (one) => smsCourse({ seed: one, debtorId: DEBTOR, ordinal: 1, phoneIndex: 0 }).delivered,
)!;

let folder: string;
let simulated: { readonly seed: string; readonly logPath: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mora-sms-'));
  simulated = { seed, logPath: join(folder, 'smsc.ndjson') };
});
afterEach(() => rm(folder, { recursive: true }));

describe('the service with the simulated SMSC', () => {
  it('sends a at 20:40, and takes its receipt in when the clock reaches it', async () => {
    const world = await SmsWorld.of({ simulated, smsc: null });
    await world.open();
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '21:30'));
    await world.stop();
    const log = readLog<SmscRecord>(simulated.logPath);
    expect(log.slice(0, 2).map(({ kind, businessAt }) => [kind, businessAt <= local(1, '20:46')])).toEqual([
      ['submit', true],
      ['receipt', true],
    ]);
    expect(protocolOf(world.events)).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsSubmitted', 'SmsDelivered']);
    const submitted = world.events.find((e) => e.type === 'SmsSubmitted')!;
    expect(submitted.meta.policies).toEqual([{ kind: 'strategy', hash: HASH }]);
    expect(submitted.meta.correlationId).toBe(CASE);
  });

  it('tells the SMS of its log that a store put back does not know; once imported, none is sent again', async () => {
    const before = await SmsWorld.of({ simulated, smsc: null });
    await before.open();
    await before.call(local(1, '14:30'));
    await before.runUntil(local(1, '21:30'));
    await before.stop();
    const [submit] = readLog<SmscRecord>(simulated.logPath);
    const world = await SmsWorld.of({ simulated, smsc: null });
    await world.open();
    const wayOut = world.get(WayOut);
    expect(await wayOut.missing()).toMatchObject([{ contactId: submit!.smsId, debtorId: DEBTOR, channel: 'sms' }]);
    await wayOut.importMissing('ann');
    expect(await wayOut.missing()).toEqual([]);
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '21:30'));
    await world.stop();
    const ofIt = world.events.filter(({ stream }) => stream === `sms-${submit!.smsId}`);
    expect(ofIt.map(({ type }) => type)).toEqual(['SmsFound']);
    const submits = readLog<SmscRecord>(simulated.logPath).filter(({ kind }) => kind === 'submit');
    expect(submits.map(({ smsId }) => smsId).filter((id) => id === submit!.smsId)).toHaveLength(1);
  });

  it('finds by its receipt what a crash made unknown, and sends it once', async () => {
    let crashes = true;
    const swallowing = () => {
      const smsc = new SimulatedSmsc({ ...simulated, wall: () => local(1, '20:40') });
      const submit = smsc.submit.bind(smsc);
      smsc.submit = async (submission) => {
        const answer = await submit(submission);
        return crashes ? world.kill() : answer;
      };
      return smsc;
    };
    const world = await SmsWorld.of({ simulated, smsc: swallowing });
    await world.open();
    await world.call(local(1, '14:30'));
    await world.runUntil(local(1, '20:40'));
    crashes = false;
    await world.restart();
    await world.runUntil(local(2, '12:00'));
    await world.stop();
    expect(protocolOf(world.events)).toEqual(['SmsIntended', 'SmsSubmitting', 'SmsUnknown', 'SmsDelivered']);
    const submits = readLog<SmscRecord>(simulated.logPath).filter(({ kind }) => kind === 'submit');
    expect(submits).toHaveLength(1);
  });
});

import type { Tier } from '@mora/contracts';
import type { Strategy } from '../package/schema.js';
import type { PastCall, VoiceChoice } from '../records.js';

/**
 * Voice of the next call. The pool's first one starts; after an unanswered call the voice stays, since nobody heard it;
 * after a connected, unpaid one the other speaker takes over, the least heard by this debtor.
 */
export const chooseVoice = (
  strategy: Strategy,
  input: { readonly tier: Tier; readonly calls: readonly PastCall[] },
): VoiceChoice => {
  const pool = strategy.voices.pools[input.tier];
  const heard = input.calls.filter((call) => call.connected).map((call) => call.voice);
  const lastHeard = heard[heard.length - 1];
  const last = input.calls[input.calls.length - 1];
  if (lastHeard === undefined) {
    const kept = last !== undefined && pool.includes(last.voice) ? last.voice : null;
    return { voice: kept ?? pool[0]!, pool, heard, rule: kept === null ? 'first' : 'kept-unheard' };
  }
  if (last !== undefined && !last.connected && pool.includes(last.voice)) {
    return { voice: last.voice, pool, heard, rule: 'kept-unheard' };
  }
  const speakerOf = (voice: string): string | undefined => strategy.voices.voices[voice]?.speaker;
  const others = pool.filter((voice) => speakerOf(voice) !== speakerOf(lastHeard));
  const candidates = others.length > 0 ? others : pool;
  const times = (voice: string): number => heard.filter((one) => one === voice).length;
  const voice = candidates.reduce((best, one) => (times(one) < times(best) ? one : best));
  return { voice, pool, heard, rule: others.length > 0 ? 'other-speaker' : 'least-heard' };
};

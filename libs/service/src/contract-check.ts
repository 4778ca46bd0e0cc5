/** An event of another service is checked against its contract before anything is decided on it. */
import { type EventEnvelope, eventMeta, schemaOf } from '@mora/contracts';

/** In one process several services take in the same object: it is checked once. */
const checked = new WeakMap<EventEnvelope, string | null>();

/** @returns where it breaks its contract and how, without a value of it; null: it keeps it, or has none. */
export const breachOf = (event: EventEnvelope): string | null => {
  const known = checked.get(event);
  if (known !== undefined) return known;
  const breach = found(event);
  checked.set(event, breach);
  return breach;
};

const found = ({ source, type, data, meta }: EventEnvelope): string | null => {
  const schema = schemaOf(source, type);
  const ofData = schema?.safeParse(data).error?.issues[0];
  if (ofData) return `${source}.${type} breaks its contract: ${ofData.path.join('.') || 'data'}: ${ofData.message}`;
  const ofMeta = eventMeta.safeParse(meta).error?.issues[0];
  return ofMeta ? `${source}.${type} breaks its contract: meta.${ofMeta.path.join('.')}: ${ofMeta.message}` : null;
};

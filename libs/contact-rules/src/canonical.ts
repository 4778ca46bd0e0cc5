import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** JSON by RFC 8785: one text for one value. @throws RangeError for what JSON cannot hold. */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new RangeError('the value has no JSON form');
  return text;
};

/** SHA-256 of the canonical form, in hex. */
export const canonicalHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Strategy, strategySchema } from './schema.js';

/** Largest part of a package in one event, in UTF-8 bytes and in characters. */
export const blobLimit = 262_144;

/** JSON by RFC 8785: one text for one value. @throws RangeError for what JSON cannot hold. */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new RangeError('the value has no JSON form');
  return text;
};

export const canonicalForm = (strategy: Strategy): string => canonicalJson(strategy);

export const hashOf = (canonical: string): string => createHash('sha256').update(canonical, 'utf8').digest('hex');

/** SHA-256 of the canonical form, in hex: the name of this strategy in every event. */
export const strategyHash = (strategy: Strategy): string => hashOf(canonicalForm(strategy));

/** Parts of at most 256 KB each, cut between characters; joined in order they are the whole. */
export const splitBlobs = (canonical: string, limit: number = blobLimit): readonly string[] => {
  if (canonical.length * 3 <= limit) return [canonical];
  const parts: string[] = [];
  let part: string[] = [];
  let bytes = 0;
  for (const character of canonical) {
    const size = Buffer.byteLength(character, 'utf8');
    if (bytes + size > limit) {
      parts.push(part.join(''));
      part = [];
      bytes = 0;
    }
    part.push(character);
    bytes += size;
  }
  return [...parts, part.join('')];
};

/** A published package does not have the content its name promises. */
export class StrategyBlobMismatch extends Error {
  readonly code = 'STRATEGY_BLOB_MISMATCH';
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`strategy blobs hash to ${found}, expected ${expected}; a part is missing, doubled or altered`);
  }
}

/** The strategy of published parts, in order. @throws StrategyBlobMismatch */
export const joinBlobs = (blobs: readonly string[], hash: string): Strategy => {
  const canonical = blobs.join('');
  const found = hashOf(canonical);
  if (found !== hash) throw new StrategyBlobMismatch(hash, found);
  return strategySchema.parse(JSON.parse(canonical));
};

import { describe, expect, it, test } from '@jest/globals';
import { isFromThisMachine } from './from-this-machine.js';

const host = '127.0.0.1:8080';

describe('a request over HTTP', () => {
  it('is from this machine when nothing of it names another', () => {
    expect(isFromThisMachine({ ip: '127.0.0.1', headers: { host } })).toBe(true);
    expect(isFromThisMachine({ ip: '::1', headers: { host: '[::1]:8080' } })).toBe(true);
    expect(
      isFromThisMachine({ ip: '127.0.0.1', headers: { host: 'localhost', origin: 'http://localhost:3000' } }),
    ).toBe(true);
  });

  test.each([
    ['comes from another machine', '10.0.0.7', { host }],
    ['was passed on by a proxy here', '127.0.0.1', { host, 'x-forwarded-for': '10.0.0.7' }],
    ['was passed on by a proxy that says so in the standard way', '127.0.0.1', { host, forwarded: 'for=10.0.0.7' }],
    ['is sent by a page of another site', '127.0.0.1', { host, origin: 'https://example.org' }],
    ['is sent by a page without an origin', '127.0.0.1', { host, origin: 'null' }],
    ['is for a name that leads here', '127.0.0.1', { host: 'rebound.example.org' }],
    ['is for no host', '127.0.0.1', {}],
  ])('is not when it %s', (_, ip, headers) => {
    expect(isFromThisMachine({ ip, headers })).toBe(false);
  });
});

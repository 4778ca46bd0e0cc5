import { describe, expect, test } from '@jest/globals';
import { isLoopback } from './loopback.js';

describe('a host', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    '%s is this machine by itself',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '::ffff:10.0.0.1',
    'localhost.example',
    '127.0.0.1.example',
    '',
  ])('"%s" is reached by others, or not known to be this machine', (host) => expect(isLoopback(host)).toBe(false));
});

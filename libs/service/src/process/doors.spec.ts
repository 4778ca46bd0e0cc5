import { describe, expect, it } from '@jest/globals';
import { whileOpen } from './doors.js';

class Api {
  private readonly said = 'yes';
  async ask(): Promise<string> {
    return this.said;
  }
}

describe('a port', () => {
  it('answers while its process takes work, and asks to come again otherwise', async () => {
    let open = false;
    const api = whileOpen(new Api(), () => open, 'guard');
    await expect(api.ask()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    open = true;
    expect(await api.ask()).toBe('yes');
  });
});

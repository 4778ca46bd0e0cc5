import { describe, expect, it } from '@jest/globals';
import { on } from '../testing/treatments.js';
import { type AccountStop, type Accounts, accounts } from './accounts.js';
import { type AccountsCommand, decideAccounts } from './decisions.js';

const at = on(1, '10:00');
const stop = (of: Partial<AccountStop> = {}): AccountStop => ({
  stopId: 'stop-1',
  kind: 'complaint',
  scope: 'debtor',
  accountId: null,
  channels: ['call', 'sms'],
  until: null,
  ...of,
});
const call = (attemptId: string) => ({
  call: { attemptId } as never,
  promise: null,
  claimedPaidOn: null,
  stops: [],
});

class Debtor {
  state: Accounts = accounts.initial;

  when(command: AccountsCommand, when = at): readonly string[] {
    const events = decideAccounts(command, this.state, when);
    for (const event of events) this.state = accounts.evolve(this.state, event, when);
    return events.map((e) => e.type);
  }

  withAccounts(...ids: readonly string[]): this {
    for (const id of ids) this.when({ do: 'join', caseId: `case-${id}`, accountId: id });
    return this;
  }

  taken(caseId: string): this {
    this.state = accounts.evolve(this.state, { type: 'SharedFactsTaken', data: { caseId } }, at);
    return this;
  }

  waiting() {
    return this.state.waiting.map((w) => [w.caseId, w.facts.map((f) => f.what)]);
  }
}
const two = () => new Debtor().withAccounts('A', 'B');

describe('the accounts of a debtor', () => {
  it('are known from their first day, each once', () => {
    const debtor = new Debtor();
    expect(debtor.when({ do: 'join', caseId: 'case-A', accountId: 'A' })).toEqual(['AccountJoined']);
    expect(debtor.when({ do: 'join', caseId: 'case-A', accountId: 'A' })).toEqual([]);
    expect(debtor.waiting()).toEqual([]);
  });

  it('count by their newest episode: nothing waits for an earlier one', () => {
    const debtor = two();
    debtor.when({ do: 'note-stop', stop: stop() });
    debtor.when({ do: 'join', caseId: 'case-A2', accountId: 'A' });
    expect(debtor.waiting()).toEqual([
      ['case-B', ['stop']],
      ['case-A2', ['stop']],
    ]);
  });

  it('all wait for a stop on the debtor, one for a stop on the account; the timer is of the same tick', () => {
    const debtor = two();
    expect(debtor.when({ do: 'note-stop', stop: stop() }, on(1, '10:00'))).toEqual(['DebtorStopNoted']);
    expect(accounts.timersOf!(debtor.state)).toEqual([
      { name: 'take-in/case-A', dueAt: on(1, '10:00') },
      { name: 'take-in/case-B', dueAt: on(1, '10:00') },
    ]);
    const one = two();
    one.when({ do: 'note-stop', stop: stop({ scope: 'account', accountId: 'B' }) });
    expect(one.waiting()).toEqual([['case-B', ['stop']]]);
  });

  it('wait for the same stop once, and again when its end is another', () => {
    const debtor = two();
    debtor.when({ do: 'note-stop', stop: stop() });
    expect(debtor.when({ do: 'note-stop', stop: stop() })).toEqual([]);
    debtor.taken('case-A').taken('case-B');
    expect(debtor.when({ do: 'note-stop', stop: stop() })).toEqual([]);
    expect(accounts.timersOf!(debtor.state)).toEqual([]);
    expect(debtor.when({ do: 'note-stop', stop: stop({ until: on(3, '00:00') }) })).toEqual(['DebtorStopNoted']);
  });

  it('never hear of a stop that is over, one instant before they do', () => {
    const of = { do: 'note-stop', stop: stop({ until: on(2, '00:00') }) } as const;
    expect(two().when(of, on(2, '00:00'))).toEqual([]);
    expect(two().when(of, on(1, '23:59'))).toEqual(['DebtorStopNoted']);
  });

  it('opened later begin with the stops that are in force', () => {
    const debtor = new Debtor().withAccounts('A');
    debtor.when({ do: 'note-stop', stop: stop() });
    debtor.when({ do: 'note-stop', stop: stop({ stopId: 'of-A', scope: 'account', accountId: 'A' }) });
    debtor.when({ do: 'note-stop', stop: stop({ stopId: 'short', until: on(1, '11:00') }) });
    debtor.when({ do: 'join', caseId: 'case-B', accountId: 'B' }, on(1, '11:00'));
    expect(debtor.state.waiting.find((w) => w.caseId === 'case-B')?.facts).toEqual([{ what: 'stop', stop: stop() }]);
  });

  it('hear of the end of a stop, where it was in force', () => {
    const debtor = two();
    expect(debtor.when({ do: 'end-stop', stopId: 'stop-1' })).toEqual([]);
    debtor.when({ do: 'note-stop', stop: stop() });
    expect(debtor.when({ do: 'end-stop', stopId: 'stop-1' })).toEqual(['DebtorStopEnded']);
    expect(debtor.when({ do: 'end-stop', stopId: 'stop-1' })).toEqual([]);
    expect(debtor.waiting()[0]).toEqual(['case-A', ['stop', 'lift']]);
  });

  it('all but the one it was held about wait for a conversation, once; a debtor with one account never', () => {
    const debtor = two();
    const share = { do: 'share-conversation', heldAbout: 'case-A', call: call('attempt-1') } as const;
    expect(debtor.when(share)).toEqual(['ConversationShared']);
    expect(debtor.when(share)).toEqual([]);
    expect(debtor.waiting()).toEqual([['case-B', ['conversation']]]);
    expect(new Debtor().withAccounts('A').when(share)).toEqual([]);
  });
});

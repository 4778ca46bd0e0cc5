/** The bank of an embedded installation: its book, and the player that hands in what it says, on clock ticks. */
import type { Activity, SteppedClock } from '@mora/eventing';
import { debtorIdOf, seededSecrets } from '@mora/keys';
import { type Book, openBook } from '@mora/sample-book';
import type { Log } from '@mora/telemetry';
import type { IntakeInbound } from './answers.js';
import { BankPlayer } from './bank-player.js';
import type { InstallationFacts } from './installation.js';

interface Open {
  readonly book: Book;
  readonly player: BankPlayer;
}

export class SimulatedBank {
  private opened: Open | null = null;

  /** @param logs what the carrier and the SMSC logged before, by which debtors and the bank live */
  constructor(
    private readonly facts: InstallationFacts,
    private readonly folder: string,
    private readonly logs: { readonly carrier: string; readonly smsc: string },
  ) {}

  /** @param resumedAt business time at which the clock stands */
  async open(intake: IntakeInbound, resumedAt: string): Promise<void> {
    const { seed, accounts, from } = this.facts;
    const book = await openBook({ seed, accounts, from });
    const inlet = {
      submit: async (records: readonly Readonly<Record<string, string>>[]) => {
        await intake.submit(records, { kind: 'grpc', name: 'simulated-bank' });
      },
      loadFile: async (path: string) => {
        await intake.loadFile(path);
      },
      debtorIdOf: (customerNo: string) => this.debtorIdOf(customerNo),
    };
    const { folder, logs } = this;
    this.opened = { book, player: new BankPlayer({ seed, book, folder, logs, from, inlet }, resumedAt) };
  }

  get player(): BankPlayer {
    return this.opened!.player;
  }

  /** Of a customer's or an account's number. */
  debtorOf(word: string): string {
    const { book } = this.opened!;
    const index = book.indexOf(word);
    return this.debtorIdOf(index >= 0 ? book.row(index).customer_no : word);
  }

  /** The clock waits for the bank, and tells it. */
  join(clock: SteppedClock, activity: Activity, log: Log): void {
    const { player } = this;
    clock.join(() => player.nextDue());
    clock.onTick((now) => {
      if (player.nextDue() > now) return;
      const end = activity.begin();
      player
        .playUntil(now)
        .catch((error: unknown) =>
          log.error({ error: error instanceof Error ? error.message : String(error) }, 'the simulated bank failed'),
        )
        .finally(end);
    });
  }

  private debtorIdOf(customerNo: string): string {
    return debtorIdOf(seededSecrets(this.facts.seed).pepper, customerNo);
  }
}

/**
 * What of the minimum is still owed, a function of what came in and not of when it came. The base is the newest word of the
 * bank: a statement, or the remaining amount that a movement states. Movements ordered after it count on top; of those that
 * an account's newest statement should hold, what it cannot hold counts, too, so that nobody who paid is contacted.
 */
export interface Order {
  readonly businessDate: string;
  readonly bankSequence: number;
}

/** A payment (positive) or reversal (negative). */
export interface Movement {
  readonly paymentId: string;
  readonly order: Order;
  readonly amount: number;
  readonly reversalOf: string | null;
  /** Minimum due that the bank says is left after it. */
  readonly remaining: number | null;
}

interface Statement {
  readonly order: Order;
  /** Paid since the statement. */
  readonly paid: number;
}

export interface Balance extends Statement {
  readonly minimumDue: number;
  /** The first statement: what lies before it was never counted by us. */
  readonly first: Statement;
  readonly movements: readonly Movement[];
}

export const compareOrder = (a: Order, b: Order): number =>
  a.businessDate === b.businessDate ? a.bankSequence - b.bankSequence : a.businessDate < b.businessDate ? -1 : 1;

export const firstBalance = ({ businessDate, bankSequence }: Order, minimumDue: number, paid: number): Balance => {
  const order = { businessDate, bankSequence };
  return { order, minimumDue, paid, first: { order, paid }, movements: [] };
};

/** An absolute statement: taken as the new base unless it is older than the present one. */
export const withStatement = (balance: Balance, order: Order, minimumDue: number, paid: number): Balance =>
  compareOrder(order, balance.order) < 0 ? balance : { ...balance, order, minimumDue, paid };

export const withMovement = (balance: Balance, movement: Movement): Balance => ({
  ...balance,
  movements: [...balance.movements, movement],
});

/** Below zero: overpaid. */
export const remainingOf = (balance: Balance): number => {
  const stated = newestStated(balance);
  return stated === null
    ? balance.minimumDue - balance.paid - notInStatement(balance) - sum(onTop(balance))
    : stated.remaining - sum(balance.movements.filter(({ order }) => compareOrder(order, stated.order) > 0));
};

/** Never more than the minimum due. */
export const unpaidOf = (balance: Balance): number => Math.min(balance.minimumDue, Math.max(0, remainingOf(balance)));

/** What of a payment was not yet taken back; null: no such payment is known. */
export const leftOf = ({ movements }: Balance, paymentId: string): number | null => {
  const payment = movements.find((m) => m.paymentId === paymentId && m.reversalOf === null);
  return payment === undefined
    ? null
    : payment.amount + sum(movements.filter(({ reversalOf }) => reversalOf === paymentId));
};

/** Of equal order the lowest: in doubt nobody is contacted. */
const newestStated = ({ movements, order }: Balance): { order: Order; remaining: number } | null => {
  let newest: { order: Order; remaining: number } | null = null;
  for (const { order: at, remaining } of movements) {
    if (remaining === null || compareOrder(at, order) < 0) continue;
    const later = newest === null ? 1 : compareOrder(at, newest.order);
    if (later > 0 || (later === 0 && remaining < newest!.remaining)) newest = { order: at, remaining };
  }
  return newest;
};

/** Movements of the order of the only statement count: a bank without sequences says no more than the day. */
const onTop = ({ movements, order, first }: Balance): readonly Movement[] => {
  const only = compareOrder(order, first.order) === 0;
  return movements.filter((m) => {
    const after = compareOrder(m.order, order);
    return after > 0 || (after === 0 && only);
  });
};

const notInStatement = ({ movements, order, first, paid }: Balance): number => {
  const due = movements.filter(
    (m) => m.remaining === null && compareOrder(m.order, first.order) > 0 && compareOrder(m.order, order) <= 0,
  );
  const payments = sum(due.filter(({ amount }) => amount > 0));
  return Math.max(0, Math.min(payments, sum(due) - (paid - first.paid)));
};

const sum = (movements: readonly Movement[]): number => movements.reduce((total, { amount }) => total + amount, 0);

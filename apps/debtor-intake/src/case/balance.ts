/**
 * What of the minimum is still owed, whatever order facts come in: the bank's absolute statement with the highest
 * (businessDate, bankSequence) is the base, payments ordered after it count on top, and a payment that comes late counts
 * only as far as the base cannot already hold it. So nothing is forgotten and nothing is counted twice.
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
}

export interface Balance {
  readonly order: Order;
  readonly minimumDue: number;
  /** Paid since the statement, as the base has it. */
  readonly paid: number;
  /** Order and paid amount of the first base: what lies before it was never counted by us. */
  readonly firstOrder: Order;
  readonly firstPaid: number;
  /** `counted`: the part that comes on top of the base. */
  readonly movements: readonly (Movement & { readonly counted: number })[];
}

export const compareOrder = (a: Order, b: Order): number =>
  a.businessDate === b.businessDate ? a.bankSequence - b.bankSequence : a.businessDate < b.businessDate ? -1 : 1;

/** Below zero: overpaid. */
export const remainingOf = (balance: Balance): number =>
  balance.minimumDue - balance.paid - sum(balance.movements.map((m) => m.counted));

export const unpaidOf = (balance: Balance): number => Math.max(0, remainingOf(balance));

export const firstBalance = (order: Order, minimumDue: number, paid: number): Balance => ({
  order,
  minimumDue,
  paid,
  firstOrder: order,
  firstPaid: paid,
  movements: [],
});

/** An absolute statement: taken as the new base unless it is older than the present one. */
export const withStatement = (balance: Balance, order: Order, minimumDue: number, paid: number): Balance =>
  compareOrder(order, balance.order) < 0
    ? balance
    : {
        ...balance,
        order,
        minimumDue,
        paid,
        movements: balance.movements.map((m) => (compareOrder(m.order, order) > 0 ? m : { ...m, counted: 0 })),
      };

/** @param remaining minimum due that the bank says is left; it wins, unless a newer statement is known. */
export const withMovement = (balance: Balance, movement: Movement, remaining: number | null): Balance => {
  const late = compareOrder(movement.order, balance.order) < 0;
  const counted = late ? notInBase(balance, movement) : movement.amount;
  const after = { ...balance, movements: [...balance.movements, { ...movement, counted }] };
  return remaining === null || late
    ? after
    : withStatement(after, movement.order, balance.minimumDue, balance.minimumDue - remaining);
};

const notInBase = (balance: Balance, movement: Movement): number => {
  if (compareOrder(movement.order, balance.firstOrder) <= 0) return 0;
  const before = balance.movements.filter(
    (m) => compareOrder(m.order, balance.order) <= 0 && compareOrder(m.order, balance.firstOrder) > 0,
  );
  const known = sum(before.map((m) => m.amount)) + movement.amount;
  const held = balance.paid - balance.firstPaid + sum(before.map((m) => m.counted));
  return movement.amount > 0
    ? Math.min(movement.amount, Math.max(0, known - held))
    : Math.max(movement.amount, Math.min(0, known - held));
};

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

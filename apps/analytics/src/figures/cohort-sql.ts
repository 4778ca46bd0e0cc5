/** What a cohort is made of, in SQL over the rows of `cases`: the figures and the analysts' views say the same. */

/** It entered owing something, and did not go on in another case while it was worked. */
export const ENTERED = `entry_unpaid > 0 and coalesce(close_reason, '') not in ('nothing-due', 'debtor-corrected')
           and not (coalesce(close_reason, '') = 'withdrawn' and closed_dpd <= 8)`;
/** Minor units, never more than it owed at entry. */
export const RECOVERED = 'least(greatest(coalesce(paid_8, 0), 0), entry_unpaid)';
/** Owing more than the tolerance at the end of DPD 8. */
export const ROLLED = 'unpaid_8 > coalesce(tolerance, 0)';

/** The verdict was not stored: nobody may be contacted. */
export class ContactNotJudged extends Error {
  readonly code = 'CONTACT_NOT_JUDGED';
  constructor(readonly contactId: string) {
    super(`contact ${contactId} has no stored verdict`);
    this.name = 'ContactNotJudged';
  }
}

/** The contact id was judged for another number, channel or gateway than it is now asked for. */
export class PermitForOther extends Error {
  readonly code = 'PERMIT_FOR_OTHER';
  constructor(readonly contactId: string) {
    super(`contact ${contactId} was judged for another number, channel or gateway`);
    this.name = 'PermitForOther';
  }
}

/** A fact about the debtor could not be taken in while the question waited: nobody may be contacted. */
export class DebtorParked extends Error {
  readonly code = 'DEBTOR_PARKED';
  constructor(readonly contactId: string) {
    super(`contact ${contactId}: its debtor was parked while it was judged`);
    this.name = 'DebtorParked';
  }
}

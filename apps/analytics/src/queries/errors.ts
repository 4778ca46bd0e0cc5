export class NotFound extends Error {
  readonly code = 'NOT_FOUND';
  constructor(
    readonly kind: 'case' | 'call' | 'contact',
    readonly id: string,
  ) {
    super(`There is no ${kind} ${id}`);
    this.name = 'NotFound';
  }
}

export class UnknownView extends Error {
  readonly code = 'UNKNOWN_VIEW';
  constructor(readonly view: string) {
    super(`There is no view ${view}`);
    this.name = 'UnknownView';
  }
}

/** Another replica, or another request, builds this view just now. */
export class RebuildUnderWay extends Error {
  readonly code = 'REBUILD_UNDER_WAY';
  constructor(readonly view: string) {
    super(`The view ${view} is being rebuilt already`);
    this.name = 'RebuildUnderWay';
  }
}

/** A request that cannot be answered as it is put. */
export class BadRequest extends Error {
  readonly code = 'BAD_REQUEST';
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`${field}: ${reason}`);
    this.name = 'BadRequest';
  }
}

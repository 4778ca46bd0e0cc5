/** Injection tokens of what the controllers here answer from. */

/** `GuardApi` of `@mora/contracts`. */
export const GUARD_API = Symbol('GuardApi');
/** `GatewayApi` of `@mora/contracts`. */
export const GATEWAY_API = Symbol('GatewayApi');
/** `IntakeApi` of `@mora/contracts`. */
export const INTAKE_API = Symbol('IntakeApi');
/** `ServedFeeds`: the sources that this process owns. */
export const SERVED_FEEDS = Symbol('ServedFeeds');
/** `ClockHost`: the clock that somebody else moves. */
export const CLOCK_HOST = Symbol('ClockHost');
/** `(service: string) => boolean | null`: whether a service serves; null: it is not here. */
export const SERVING = Symbol('Serving');
/** `Activity` of `@mora/eventing`: what the stepped clock waits for. */
export const ACTIVITY = Symbol('Activity');

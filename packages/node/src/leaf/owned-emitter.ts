import type { EventEmitter } from "node:events";

const OWNER = Symbol("owner");

/**
 * Ties an emitter to the one who listens to it. Listeners can then be functions that all emitters
 * share, called with their emitter as `this`; a closure for each of a connection's ten would cost
 * more than the connection's other objects.
 */
export function setOwner(emitter: EventEmitter, owner: object): void {
  (emitter as { [OWNER]?: object })[OWNER] = owner;
}

/** Whom {@link setOwner} was called with, if it was. */
export function ownerOf<T extends object>(emitter: EventEmitter): T | undefined {
  return (emitter as { [OWNER]?: object })[OWNER] as T | undefined;
}

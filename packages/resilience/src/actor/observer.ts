import type {
  ConnectionIdentity,
  ConnectionStats,
  Lifecycle,
  ObservedConnection,
  ReconnectTrigger,
} from "@oath-ws/contract";
import { LifecycleView } from "../primitives/lifecycle-view.js";
import type { ConnectionActor } from "./actor.js";

/** What may be done by a program that only watches. */
export class ConnectionObserver implements ObservedConnection {
  readonly id: string;
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly trigger: ReconnectTrigger;
  readonly #actor: ConnectionActor;

  constructor(actor: ConnectionActor, { id, name }: ConnectionIdentity) {
    this.id = id;
    this.name = name;
    this.lifecycle = new LifecycleView(actor.lifecycle);
    this.trigger = new Trigger(actor);
    this.#actor = actor;
  }

  stats(): ConnectionStats {
    return this.#actor.stats();
  }
}

class Trigger implements ReconnectTrigger {
  readonly #actor: ConnectionActor;

  constructor(actor: ConnectionActor) {
    this.#actor = actor;
  }

  forceReconnect(reason?: string): void {
    this.#actor.tell({ kind: "force", reason });
  }
}

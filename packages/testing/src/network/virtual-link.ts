import { checkLinkSettings } from "./link-settings.js";
import type { LinkSettings } from "./link-settings.js";
import type { Direction } from "./network-event.js";
import type { End, VirtualConnection } from "./virtual-connection.js";

/**
 * The way from one host to another, as far as the first one dials the second: what holds for all
 * their connections, those of later dials included.
 */
export class VirtualLink {
  /** The host that dials. */
  readonly client: string;
  /** The host that is dialled. */
  readonly server: string;
  readonly #connections = new Set<VirtualConnection>();
  #settings: LinkSettings;
  readonly #holes = new Set<Direction>();

  constructor(client: string, server: string, settings: LinkSettings) {
    this.client = client;
    this.server = server;
    this.#settings = settings;
  }

  get settings(): LinkSettings {
    return this.#settings;
  }

  /** Connections of which at least one end is open, oldest first. */
  get connections(): readonly VirtualConnection[] {
    return [...this.#connections];
  }

  /** Whether a dial gets no answer. */
  get isBlackHole(): boolean {
    return this.#holes.size > 0;
  }

  /** Changes some settings from now on. Throws a `RangeError` for one that cannot be. */
  configure(settings: Partial<LinkSettings>): void {
    checkLinkSettings(settings);
    this.#settings = { ...this.#settings, ...settings };
    for (const connection of this.#connections) connection.settingsChanged();
  }

  /** See `VirtualConnection.blackHole`; dials get no answer. */
  blackHole(direction: Direction | "both" = "both"): void {
    for (const one of each(direction)) this.#holes.add(one);
    for (const connection of this.#connections) connection.blackHole(direction);
  }

  heal(direction: Direction | "both" = "both"): void {
    for (const one of each(direction)) this.#holes.delete(one);
    for (const connection of this.#connections) connection.heal(direction);
  }

  /** See `VirtualConnection.reset`. */
  reset(at: End | "both" = "both"): void {
    for (const connection of this.connections) connection.reset(at);
  }

  /** The network's own: notes a connection that was opened. */
  add(connection: VirtualConnection): void {
    this.#connections.add(connection);
    for (const one of this.#holes) connection.blackHole(one);
  }

  /** The network's own. */
  delete(connection: VirtualConnection): void {
    this.#connections.delete(connection);
  }
}

function each(direction: Direction | "both"): readonly Direction[] {
  return direction === "both" ? ["toServer", "toClient"] : [direction];
}

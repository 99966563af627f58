import type {
  ByteDial,
  ByteDialEvents,
  ByteListener,
  ByteNetwork,
  ByteSocket,
} from "@oath-ws/resilience/leaf";
import type { HostTimer } from "./host-timer.js";
import { NetworkError } from "./network-error.js";
import type { VirtualConnection } from "./virtual-connection.js";

/** Free ports are given out from here on, as Linux does. */
const FIRST_FREE_PORT = 32_768;
const LAST_PORT = 65_535;

/**
 * A machine of the virtual network: it dials and listens, has clocks of its own, can be held up and
 * can sleep. Give `timer` to the program that runs on it.
 */
export class VirtualHost implements ByteNetwork {
  /** What others dial. */
  readonly name: string;
  readonly address: string;
  readonly timer: HostTimer;
  readonly #dial: (to: ByteDial, events: ByteDialEvents) => () => void;
  readonly #listeners = new Map<number, (socket: ByteSocket) => void>();
  #nextPort = FIRST_FREE_PORT;

  constructor(
    name: string,
    address: string,
    timer: HostTimer,
    dial: (from: VirtualHost, to: ByteDial, events: ByteDialEvents) => () => void,
  ) {
    this.name = name;
    this.address = address;
    this.timer = timer;
    this.#dial = (to, events) => dial(this, to, events);
  }

  dial(to: ByteDial, events: ByteDialEvents): () => void {
    return this.#dial(to, events);
  }

  listen(port: number, accepted: (socket: ByteSocket) => void): ByteListener {
    const taken = port === 0 ? this.freePort() : port;
    if (this.#listeners.has(taken))
      throw new NetworkError("listen", "EADDRINUSE", `${this.address}:${taken}`);
    this.#listeners.set(taken, accepted);
    return { port: taken, close: () => void this.#listeners.delete(taken) };
  }

  /** See `HostTimer.stall`: this machine's event loop is blocked, the world goes on. */
  stall(ms: number): void {
    this.timer.stall(ms);
  }

  /** See `HostTimer.sleep`. */
  sleep(ms: number): void {
    this.timer.sleep(ms);
  }

  /** Whether something listens on that port. */
  accepts(port: number): boolean {
    return this.#listeners.has(port);
  }

  /** The network's own: a connection has arrived. One that nothing listens for is reset. */
  arrived(port: number, connection: VirtualConnection): void {
    const socket = connection.socket("server");
    const accepted = this.#listeners.get(port);
    if (accepted === undefined) socket.reset();
    else accepted(socket);
  }

  /** The network's own: a port that nothing listens on. */
  freePort(): number {
    do {
      this.#nextPort = this.#nextPort === LAST_PORT ? FIRST_FREE_PORT : this.#nextPort + 1;
    } while (this.#listeners.has(this.#nextPort));
    return this.#nextPort;
  }
}

import type { ByteDial, ByteDialEvents } from "@oath-ws/resilience/leaf";
import { NetworkError } from "./network-error.js";
import type { NetworkEventInit } from "./network-event.js";
import type { VirtualConnection } from "./virtual-connection.js";
import type { VirtualHost } from "./virtual-host.js";
import type { VirtualLink } from "./virtual-link.js";

/** What a dial needs of the network. */
export interface DialParts {
  readonly from: VirtualHost;
  readonly to: ByteDial;
  readonly link: VirtualLink;
  readonly events: ByteDialEvents;
  /** The host of that name or address. */
  readonly find: () => VirtualHost | undefined;
  readonly connect: (server: VirtualHost) => VirtualConnection;
  readonly told: (event: NetworkEventInit) => void;
}

/** Until a dial without an answer is repeated for the first time, as on Linux. */
const FIRST_REPEAT_MS = 1_000;

/** Until `EHOSTUNREACH`, as Linux takes for a neighbour that does not answer. */
const UNREACHABLE_MS = 3_000;

/** One attempt to connect: the name, the connection, and the refusal of TLS if there is one. */
export class VirtualDial {
  readonly #parts: DialParts;
  readonly #cancels: (() => void)[] = [];
  #isOver = false;

  constructor(parts: DialParts) {
    this.#parts = parts;
  }

  start(): void {
    const { link, to } = this.#parts;
    const { dns, dnsMs } = link.settings;
    const where = to.host;
    switch (dns) {
      case "ok":
        this.#after(dnsMs, () => this.#resolved());
        break;
      case "not-found":
        this.#after(dnsMs, () => this.#fail("getaddrinfo", "ENOTFOUND", where));
        break;
      case "again":
        this.#after(dnsMs, () => this.#fail("getaddrinfo", "EAI_AGAIN", where));
        break;
      case "hang":
        break;
      default:
        dns satisfies never;
    }
  }

  /** Gives the dial up; nothing is told afterwards. */
  cancel(): void {
    this.#isOver = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #resolved(): void {
    const { events, to, link, find } = this.#parts;
    const server = find();
    if (server === undefined) return this.#fail("getaddrinfo", "ENOTFOUND", to.host);
    events.resolved(server.address);
    if (this.#isOver) return;
    const where = `${server.address}:${to.port}`;
    this.#after(link.settings.connectTimeoutMs, () => this.#fail("connect", "ETIMEDOUT", where));
    this.#ask(server, 0);
  }

  /** Asks for the connection, and again after pauses that double, as TCP does. */
  #ask(server: VirtualHost, repeats: number): void {
    const { to, link } = this.#parts;
    const { connect, latencyMs } = link.settings;
    const where = `${server.address}:${to.port}`;
    const roundTripMs = 2 * latencyMs;
    const askAgain = (): void =>
      this.#after(FIRST_REPEAT_MS * 2 ** repeats, () => this.#ask(server, repeats + 1));
    if (link.isBlackHole) return askAgain();
    switch (connect) {
      case "ok":
        this.#after(roundTripMs, () => {
          // The answer is lost if the hole came meanwhile.
          if (link.isBlackHole) askAgain();
          else this.#answered(server);
        });
        break;
      case "refuse":
        this.#after(roundTripMs, () => this.#fail("connect", "ECONNREFUSED", where));
        break;
      case "reset":
        this.#after(roundTripMs, () => this.#fail("read", "ECONNRESET", ""));
        break;
      case "unreachable":
        this.#after(UNREACHABLE_MS, () => this.#fail("connect", "EHOSTUNREACH", where));
        break;
      case "hang":
        askAgain();
        break;
      default:
        connect satisfies never;
    }
  }

  #answered(server: VirtualHost): void {
    const { events, to, link } = this.#parts;
    const { tls, latencyMs } = link.settings;
    if (!server.accepts(to.port))
      return this.#fail("connect", "ECONNREFUSED", `${server.address}:${to.port}`);
    if (to.isSecure && tls !== "ok")
      return this.#after(2 * latencyMs, () => this.#fail("tls", tls, ""));
    this.cancel();
    const connection = this.#parts.connect(server);
    this.#parts.told({ kind: "opened" });
    connection.signalServer(() => server.arrived(to.port, connection));
    events.opened(connection.socket("client"));
  }

  #fail(syscall: string, code: string, where: string): void {
    this.cancel();
    this.#parts.told({ kind: "dial-failed", code });
    this.#parts.events.failed(new NetworkError(syscall, code, where));
  }

  #after(ms: number, run: () => void): void {
    this.#cancels.push(
      this.#parts.from.timer.scheduleArrival(ms, () => {
        if (!this.#isOver) run();
      }),
    );
  }
}

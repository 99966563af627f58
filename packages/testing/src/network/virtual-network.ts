/**
 * A network of simulated machines, in virtual time and from one seed.
 *
 * Machines are made by `host(name)`; each is a `ByteNetwork` of its own, with a timer. A dial goes
 * over the link of the two hosts, whose settings a test may change at any moment. Every connection
 * is in the test's hands: `network.connections`.
 *
 * Nothing of it is real: no sockets, no DNS, no TLS. The same seed, the same programs and the same
 * calls give the same bytes at the same times.
 */
import type { ByteDial, ByteDialEvents } from "@oath-ws/resilience/leaf";
import { HostTimer } from "./host-timer.js";
import { checkLinkSettings, DEFAULT_LINK_SETTINGS } from "./link-settings.js";
import type { LinkSettings } from "./link-settings.js";
import type { NetworkEvent, NetworkEventInit } from "./network-event.js";
import type { SeededRandom } from "../seeded-random.js";
import { VirtualConnection } from "./virtual-connection.js";
import type { ToldBytes } from "./virtual-connection.js";
import { VirtualDial } from "./virtual-dial.js";
import { VirtualHost } from "./virtual-host.js";
import { VirtualLink } from "./virtual-link.js";
import type { VirtualTimer } from "../virtual-timer.js";

/** What a network stands on: a `World`, or its parts. */
export interface NetworkWorld {
  readonly timer: VirtualTimer;
  readonly random: SeededRandom;
}

/** See the top of this file. */
export class VirtualNetwork {
  readonly #world: NetworkWorld;
  readonly #random: SeededRandom;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #links = new Map<string, VirtualLink>();
  readonly #connections = new Set<VirtualConnection>();
  readonly #observers = new Set<(event: NetworkEvent) => void>();
  #defaults: LinkSettings = DEFAULT_LINK_SETTINGS;
  #dials = 0;

  /**
   * @param world its random source is forked, so that the network draws nothing of the others'
   * @param settings of every link; see {@link configure}
   */
  constructor(world: NetworkWorld, settings: Partial<LinkSettings> = {}) {
    this.#world = world;
    this.#random = world.random.fork();
    this.configure(settings);
  }

  /** Connections of which at least one end is open, oldest first. */
  get connections(): readonly VirtualConnection[] {
    return [...this.#connections];
  }

  /** Dials so far, failed ones included. */
  get dials(): number {
    return this.#dials;
  }

  /** The machine of that name; it is made when it is first asked for. */
  host(name: string): VirtualHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      const number = this.#hosts.size + 1;
      const timer = new HostTimer(this.#world.timer, this.#random.fork());
      const address = `10.0.${number >> 8}.${number & 0xff}`;
      host = new VirtualHost(name, address, timer, (from, to, events) =>
        this.#dial(from, to, events),
      );
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** The link over which `client` dials `server`; names of hosts, which need not exist yet. */
  link(client: string, server: string): VirtualLink {
    const key = `${client}\n${server}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new VirtualLink(client, server, this.#defaults);
      this.#links.set(key, link);
    }
    return link;
  }

  /** Changes settings of every link, those of later dials included. */
  configure(settings: Partial<LinkSettings>): void {
    checkLinkSettings(settings);
    this.#defaults = { ...this.#defaults, ...settings };
    for (const link of this.#links.values()) link.configure(settings);
  }

  /** Tells everything that happens, for a trace or its hash. Returns the function that ends it. */
  observe(observer: (event: NetworkEvent) => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  #dial(from: VirtualHost, to: ByteDial, events: ByteDialEvents): () => void {
    const number = ++this.#dials;
    const told = (event: NetworkEventInit): void => this.#tell(number, event);
    const find = (): VirtualHost | undefined => (isLoopback(to.host) ? from : this.#find(to.host));
    const link = this.link(from.name, find()?.name ?? to.host);
    told({ kind: "dial", from: from.name, host: to.host, port: to.port });
    const dial = new VirtualDial({
      from,
      to,
      link,
      events,
      find,
      told,
      connect: (server) => this.#connect(number, link, from, server, to.port),
    });
    dial.start();
    return () => dial.cancel();
  }

  #connect(
    number: number,
    link: VirtualLink,
    client: VirtualHost,
    server: VirtualHost,
    port: number,
  ): VirtualConnection {
    const connection = new VirtualConnection({
      number,
      world: this.#world.timer,
      random: this.#random,
      settings: () => link.settings,
      client: { address: client.address, port: client.freePort() },
      server: { address: server.address, port },
      clientTimer: client.timer,
      serverTimer: server.timer,
      told: (event) => this.#tell(number, event),
      toldBytes: (kind, direction, bytes) => this.#tellBytes(number, kind, direction, bytes),
      over: (ended) => {
        this.#connections.delete(ended);
        link.delete(ended);
      },
    });
    this.#connections.add(connection);
    link.add(connection);
    return connection;
  }

  #find(name: string): VirtualHost | undefined {
    const named = this.#hosts.get(name);
    if (named !== undefined) return named;
    return [...this.#hosts.values()].find(({ address }) => address === name);
  }

  #tell(connection: number, event: NetworkEventInit): void {
    if (this.#observers.size === 0) return;
    this.#observed({ atMs: this.#world.timer.now(), connection, ...event });
  }

  #tellBytes(connection: number, ...[kind, direction, bytes]: Parameters<ToldBytes>): void {
    if (this.#observers.size === 0) return;
    this.#observed({ atMs: this.#world.timer.now(), connection, kind, direction, bytes });
  }

  #observed(event: NetworkEvent): void {
    for (const observer of this.#observers) observer(event);
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

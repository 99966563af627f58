import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ReconnectingConnection, ReconnectingConnectOptions } from "@oath-ws/contract";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { LinkSettings, VirtualHost, World } from "@oath-ws/testing";
import { networkListen, networkRuntime } from "oath-ws/leaf";
import type { BuildOptions } from "oath-ws";
import { RawPeer } from "../support/raw-server.js";

/** A client's machine and a server's, with the stack and the direct transport on the former. */
export class Rig {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly client: VirtualHost;
  readonly server: VirtualHost;
  readonly runtime: ReturnType<typeof networkRuntime>;
  /** Upgraded connections, the newest last. */
  readonly peers: RawPeer[] = [];
  readonly #hash = createHash("sha256");

  constructor(seed = 1, settings: Partial<LinkSettings> = {}) {
    this.world = createWorld({ seed });
    this.network = new VirtualNetwork(this.world, settings);
    this.network.observe((event) => {
      this.#hash.update(JSON.stringify({ ...event, bytes: undefined }));
      if ("bytes" in event) this.#hash.update(event.bytes);
    });
    this.client = this.network.host("client");
    this.server = this.network.host("venue.test");
    this.runtime = networkRuntime({
      ...this.world,
      network: this.client,
      timer: this.client.timer,
    });
  }

  /** SHA-256 of everything on the network so far. Once. */
  hash(): string {
    return this.#hash.digest("hex");
  }

  /** Accepts connections as raw streams. */
  listen(port: number, accepted: (stream: Socket) => void): void {
    networkListen(this.server, port, (stream: Duplex) => {
      stream.on("error", () => undefined);
      accepted(stream as Socket);
    });
  }

  /** Upgrades every connection, and then does nothing. */
  serve(port = 443): void {
    this.listen(port, (stream) => {
      const peer = new RawPeer(stream);
      void peer.upgrade().then(
        () => this.peers.push(peer),
        () => undefined,
      );
    });
  }

  connect(
    options: BuildOptions = {},
    connecting: ReconnectingConnectOptions = {},
  ): Promise<ReconnectingConnection> {
    const handshake = { url: "wss://venue.test/feed", protocols: [], headers: {} };
    return this.runtime.build(options).connect(handshake, connecting);
  }
}

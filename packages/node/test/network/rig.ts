import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ReconnectingConnection, ReconnectingConnectOptions } from "@oath-ws/contract";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { LinkSettings, VirtualHost, World } from "@oath-ws/testing";
import { networkListen, networkRuntime } from "oath-ws/leaf";
import type { BuildOptions } from "oath-ws";
import { frame, OP } from "../support/frames.js";
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

  /** Upgrades every connection, and answers its pings; the rest is the test's. */
  serve(port = 443): void {
    // A client may leave at any step of this.
    this.listen(port, (stream) => void this.#serve(new RawPeer(stream)).catch(() => undefined));
  }

  async #serve(peer: RawPeer): Promise<never> {
    await peer.upgrade();
    this.peers.push(peer);
    for (;;) {
      const { opcode, payload } = await peer.nextFrame();
      if (opcode === OP.ping) peer.socket.write(frame(OP.pong, payload));
      if (opcode === OP.close) peer.socket.end(frame(OP.close, payload));
    }
  }

  connect(
    options: BuildOptions = {},
    connecting: ReconnectingConnectOptions = {},
  ): Promise<ReconnectingConnection> {
    const handshake = { url: "wss://venue.test/feed", protocols: [], headers: {} };
    return this.runtime.build(options).connect(handshake, connecting);
  }
}

import type { ConformancePeer, PeerBehaviour } from "@oath-ws/testing";
import { RealServer } from "../support/real-server.js";
import { pack, unpack } from "./packed.js";

/** The servers that a page asks for, and what it wants of them. */
export class RemoteServers {
  readonly #servers: RealServer[] = [];
  readonly #peers: ConformancePeer[] = [];

  /** Performs a call of the page, in the order in which they come. */
  readonly call = async (text: string): Promise<string> => {
    const [server, peer, name, argument] = unpack(text) as [number, number, string, unknown];
    const answer =
      peer > 0
        ? await this.#toPeer(this.#peers[peer - 1], name, argument)
        : await this.#toServer(this.#servers[server - 1], name, argument);
    return pack(answer ?? null);
  };

  async #toServer(
    server: RealServer | undefined,
    name: string,
    argument: unknown,
  ): Promise<unknown> {
    if (name === "start") {
      const made = await RealServer.start(argument as PeerBehaviour);
      return { id: this.#servers.push(made), url: made.url };
    }
    if (server === undefined) throw new Error(`no server to ask for ${name}`);
    if (name === "dialCount") return server.dialCount;
    if (name === "accepted") {
      const peer = await server.accepted();
      return { peer: this.#peers.push(peer), request: peer.request };
    }
    return server[name as "dialled" | "idle" | "stop"]();
  }

  #toPeer(peer: ConformancePeer | undefined, name: string, argument: unknown): unknown {
    if (peer === undefined) throw new Error(`no peer to ask for ${name}`);
    return peer[name as "send"](argument as never);
  }
}

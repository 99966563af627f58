import { Agent } from "node:http";
import type { ClientRequest, ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { PhaseListener } from "../leaf/dial-phases.js";
import { askTunnel } from "./ask-tunnel.js";
import type { ProxyAddress } from "./resolve-proxy.js";

/** Node takes an error alone too, which its types do not show. */
type Done = (error: Error | null, socket?: Duplex) => void;

/**
 * An agent for one dial. It asks a proxy for a tunnel to the target, also for `ws:`, and speaks TLS
 * with the target through it for `wss:`.
 */
export class TunnelAgent extends Agent {
  /** Read by Node: the protocol of the requests that it takes. */
  readonly protocol: string;
  readonly #proxy: ProxyAddress;
  readonly #isSecure: boolean;
  readonly #told: PhaseListener | undefined;
  #asking: ClientRequest | undefined = undefined;

  /** @param isSecure whether TLS is spoken with the target */
  constructor(proxy: ProxyAddress, isSecure: boolean, told: PhaseListener | undefined) {
    super();
    this.protocol = isSecure ? "https:" : "http:";
    this.#proxy = proxy;
    this.#isSecure = isSecure;
    this.#told = told;
  }

  /** Called by Node, once for the one request. */
  override createConnection(
    target: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const done = callback as Done | undefined;
    this.#asking = askTunnel(this.#proxy, target, this.#told, (error, socket) => {
      this.#asking = undefined;
      if (socket === undefined) return done?.(error ?? null);
      const options = { ...target, path: undefined, socket } as ConnectionOptions;
      done?.(null, this.#isSecure ? tlsConnect(options) : socket);
    });
    return undefined;
  }

  /** Gives up, also on a proxy that has not answered. */
  override destroy(): void {
    this.#asking?.destroy();
    super.destroy();
  }
}

import type { ByteNetwork, ByteSocket } from "@oath-ws/resilience/leaf";
import type { Timer } from "@oath-ws/contract";
import { acceptUpgrade, headerOf, upgradeAnswer } from "../wire/frames.js";
import type { DialFault } from "./client-plan.js";
import { Peer } from "./peer.js";

export const PORT = 8_080;

/** Faults that happen above the network: the server's own doing. */
export type UpgradeFault = Exclude<
  DialFault,
  { readonly kind: "dialRefused" | "dialNoName" | "dialSilent" }
>;

/** The whole server: one port of one host, and what it does with each connection. */
export class Server {
  readonly peers: Peer[] = [];
  readonly #byPort = new Map<number, Peer>();
  readonly #timer: Timer;
  readonly #name: string;
  readonly #nextFault: (head: string) => UpgradeFault | undefined;
  readonly #heard: (peer: Peer, text: string) => void;

  /** @param nextFault asked with each upgrade request */
  constructor(
    name: string,
    network: ByteNetwork,
    timer: Timer,
    nextFault: (head: string) => UpgradeFault | undefined,
    heard: (peer: Peer, text: string) => void,
  ) {
    this.#name = name;
    this.#timer = timer;
    this.#nextFault = nextFault;
    this.#heard = heard;
    network.listen(PORT, (socket) => this.#accept(socket));
  }

  /** The server's end of the client's socket with this port. */
  peerOf(port: number | undefined): Peer | undefined {
    return port === undefined ? undefined : this.#byPort.get(port);
  }

  #accept(socket: ByteSocket): void {
    const peer = new Peer(`${this.#name}${this.peers.length + 1}`, socket, {
      requested: (asking, head) => this.#answer(asking, head),
      heard: this.#heard,
    });
    this.peers.push(peer);
    this.#byPort.set(peer.port, peer);
  }

  #answer(peer: Peer, head: string): void {
    const fault = this.#nextFault(head);
    const open = (): void => {
      peer.raw(acceptUpgrade(headerOf(head, "sec-websocket-key")));
      peer.isUpgraded = true;
    };
    if (fault === undefined) return open();
    switch (fault.kind) {
      case "upgradeReset":
        return peer.reset();
      case "upgradeEnd":
        return peer.end();
      case "upgradeSilent":
        return;
      case "upgradeSlow":
        this.#timer.schedule(fault.ms, () => {
          if (peer.isOpen) open();
        });
        return;
      case "upgradeRefused":
        peer.raw(refusal(fault.status, fault.retryAfterS));
        return peer.end();
      case "upgradeGarbage":
        peer.raw("SSH-2.0-nothing of the kind\r\n\r\n");
        return peer.end();
      case "upgradeWrongAccept":
        return peer.raw(upgradeAnswer("AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
      case "upgradeEarlyData":
        open();
        for (let i = 0; i < fault.frames; i++) peer.say(20);
        return;
      case "upgradeThenClose":
        open();
        return peer.close(fault.code);
      case "upgradeThenReset":
        open();
        return peer.reset();
      default:
        fault satisfies never;
    }
  }
}

function refusal(status: number, retryAfterS: number | null): string {
  const later = retryAfterS === null ? "" : `Retry-After: ${retryAfterS}\r\n`;
  return `HTTP/1.1 ${status} No\r\n${later}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}

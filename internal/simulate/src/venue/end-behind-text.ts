import type { NetworkEvent, VirtualNetwork } from "@oath-ws/testing";

/** How a connection ends behind certain bytes. */
export type EndBehind =
  /** The venue closes it in the turn in which it writes them: one read brings both. */
  | "close"
  /** A reset waits in the client's socket when it reads them. One poll may bring both. */
  | "reset";

/** Ends a connection right behind certain bytes of the venue. */
export class EndBehindText {
  readonly #network: VirtualNetwork;
  readonly #close: () => void;
  #armed: { readonly text: Buffer; readonly how: EndBehind } | undefined;

  /** @param close lets the venue close its connections */
  constructor(network: VirtualNetwork, close: () => void) {
    this.#network = network;
    this.#close = close;
    network.observe((event) => this.#observed(event));
  }

  /** The next connection with this text on it ends with it. */
  arm(text: string, how: EndBehind): void {
    this.#armed = { text: Buffer.from(text), how };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  #observed(event: NetworkEvent): void {
    if (this.#armed === undefined || (event.kind !== "sent" && event.kind !== "read")) return;
    const { text, how } = this.#armed;
    const isItsMoment = event.kind === (how === "close" ? "sent" : "read");
    if (!isItsMoment || event.direction !== "toClient") return;
    const { buffer, byteOffset, length } = event.bytes;
    if (!Buffer.from(buffer, byteOffset, length).includes(text)) return;
    this.disarm();
    // The venue says first what else belongs to the answer.
    if (how === "close") return void Promise.resolve().then(this.#close);
    this.#network.connections.find(({ number }) => number === event.connection)?.reset("client");
  }
}

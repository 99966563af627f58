import { connect } from "node:net";
import type { Socket } from "node:net";
import { FrameScanner } from "./frame-scanner.js";

/** One socket of the client, and the texts that it was given. */
export interface TappedSocket {
  readonly attempt: number;
  readonly socket: Socket;
  readonly texts: string[];
}

/** What `ws` hands to `createConnection`, as far as it matters here. */
interface DialOptions {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes the client's sockets, and writes down what each of them is given, in the order in which the
 * client gets to see it.
 */
export class WireTap {
  readonly sockets: TappedSocket[] = [];
  /** The attempt that dials next. */
  attempt = 0;

  /** For the `createConnection` option of `ws`. */
  readonly createConnection = (options: never): Socket => {
    const { host, port } = options as DialOptions;
    const socket = connect({ host, port });
    const texts: string[] = [];
    const scanner = new FrameScanner((payload) => texts.push(payload.toString("utf8")));
    socket.on("data", (bytes: Buffer) => scanner.push(bytes));
    this.sockets.push({ attempt: this.attempt, socket, texts });
    return socket;
  };
}

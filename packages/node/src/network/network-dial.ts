import type { Random } from "@oath-ws/contract";
import type { ByteNetwork } from "@oath-ws/resilience/leaf";
import { readShared } from "../direct/socket-reads.js";
import type { WsSocketOptions } from "../options/ws-connector-options.js";
import { ByteStream } from "./byte-stream.js";

/** What Node's HTTP client hands to `createConnection`. */
export interface ConnectTarget {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly servername?: string | undefined;
}

/** Dials through the network, as `net.connect` and `tls.connect` do; TLS is not spoken. */
export function networkStream(network: ByteNetwork, options: ConnectTarget): ByteStream {
  const { host, port, servername } = options;
  const stream: ByteStream = readShared(
    (onread) => new ByteStream({ allowHalfOpen: false, onread, onAbandoned: () => cancel() }),
  );
  const cancel = network.dial(
    { host: host ?? "localhost", port: Number(port), isSecure: servername !== undefined },
    {
      resolved: (address) => void stream.emit("lookup", null, address, 4, host),
      opened: (socket) => stream.connected(socket),
      failed: (error) => void stream.destroy(error),
    },
  );
  return stream;
}

/**
 * The `socket` options of `directConnector` that make it dial through a network of the caller's,
 * such as a host of the `VirtualNetwork` of `@oath-ws/testing`:
 *
 * ```ts
 * const { timer } = machine;
 * const leaf = directConnector({ timer, socket: networkDial(machine, world.random) });
 * ```
 *
 * Handshake, codec and errors are the real ones. `wss:` URLs work, and TLS is not spoken: whether a
 * certificate is good is for the network to say.
 *
 * @param random makes masking keys and the handshake's key, so that the same seed gives the same
 *   bytes. Absent: they are unpredictable
 */
export function networkDial(
  network: ByteNetwork,
  random?: Random,
): Pick<WsSocketOptions, "createConnection" | "generateMask"> {
  return {
    createConnection: (options: ConnectTarget) => networkStream(network, options),
    ...(random !== undefined && { generateMask: maskOf(random) }),
  };
}

function maskOf(random: Random): (mask: Buffer) => void {
  return (mask) => void mask.writeUInt32LE(Math.floor(random.next() * 2 ** 32), 0);
}

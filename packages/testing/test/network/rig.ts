import type { ByteSocket } from "@oath-ws/resilience/leaf";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { LinkSettings, NetworkEvent, VirtualHost, World } from "@oath-ws/testing";

/** What one end of a connection has seen. */
export class Endpoint {
  readonly socket: ByteSocket;
  /** Sizes of the reads. */
  readonly reads: number[] = [];
  readonly bytes: number[] = [];
  hasEnded = false;
  code: string | undefined;

  constructor(socket: ByteSocket) {
    this.socket = socket;
    socket.listen({
      data: (bytes) => {
        this.reads.push(bytes.length);
        for (const byte of bytes) this.bytes.push(byte);
      },
      ended: () => {
        this.hasEnded = true;
      },
      failed: (error) => {
        this.code = codeOf(error);
      },
    });
  }

  /** Writes so many bytes that count up from 0, modulo 251. */
  write(length: number): { isTaken: boolean; code: string | undefined } {
    const outcome: ReturnType<Endpoint["write"]> = { isTaken: false, code: undefined };
    this.socket.write(counted(length), (error) => {
      outcome.isTaken = error === undefined;
      outcome.code = error && codeOf(error);
    });
    return outcome;
  }
}

export function counted(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}

function codeOf(error: Error): string {
  return (error as Error & { code?: string }).code ?? "none";
}

/** Two machines, of which one listens on port 80. */
export class Rig {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly client: VirtualHost;
  readonly server: VirtualHost;
  readonly trace: NetworkEvent[] = [];
  readonly accepted: Endpoint[] = [];

  constructor(settings: Partial<LinkSettings> = {}, seed = 1) {
    this.world = createWorld({ seed });
    this.network = new VirtualNetwork(this.world, settings);
    this.network.observe((event) => this.trace.push(event));
    this.client = this.network.host("client");
    this.server = this.network.host("server");
    this.server.listen(80, (socket) => this.accepted.push(new Endpoint(socket)));
  }

  /** Starts a dial; `code` once it has failed. */
  dial(host = "server", port = 80, isSecure = false): { end?: Endpoint; code?: string } {
    const dialled: { end?: Endpoint; code?: string } = {};
    this.client.dial(
      { host, port, isSecure },
      {
        resolved: () => undefined,
        opened: (socket) => {
          dialled.end = new Endpoint(socket);
        },
        failed: (error) => {
          dialled.code = codeOf(error);
        },
      },
    );
    return dialled;
  }

  /** A connection, both ends of it. */
  async connect(): Promise<{ client: Endpoint; server: Endpoint }> {
    const dialled = this.dial();
    const before = this.accepted.length;
    await this.world.runUntil(() => this.accepted.length > before);
    const server = this.accepted.at(-1);
    if (dialled.end === undefined || server === undefined) throw new Error("no connection");
    return { client: dialled.end, server };
  }
}

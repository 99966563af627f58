import type {
  ByteDial,
  ByteDialEvents,
  ByteListener,
  ByteNetwork,
  ByteSocket,
  ByteSocketEvents,
} from "@oath-ws/resilience/leaf";

/** What the network knows of one dial of the client, and of the socket that it gave. */
export class DialRecord {
  readonly index: number;
  readonly host: string;
  /** By the world's clock, as every time here. */
  readonly at: number;
  /** The client's port, by which the server's end is found; `undefined` until it is open. */
  port: number | undefined;
  /** Whether the client's end exists: opened, and neither closed by us nor told to be over. */
  isOpen = false;
  readBytes = 0;
  lastReadAt: number | undefined;
  /** Whether the peer's end of the stream was read. */
  hasEnded = false;

  constructor(index: number, host: string, at: number) {
    this.index = index;
    this.host = host;
    this.at = at;
  }
}

/** What is told of the client's sockets. */
export interface NetworkWatch {
  dialled(record: DialRecord): void;
  opened(record: DialRecord): void;
  /** The socket was read, before the client is told. */
  read(record: DialRecord, bytes: Uint8Array): void;
  /** The client writes. */
  wrote(record: DialRecord, bytes: Uint8Array): void;
  /** The client's system has taken what was written. */
  took(record: DialRecord, bytes: Uint8Array): void;
  /** The client's end is over. */
  over(record: DialRecord, why: string): void;
}

/** A network that keeps a record of everything that one client does with it. */
export class RecordedNetwork implements ByteNetwork {
  readonly records: DialRecord[] = [];
  readonly #open: DialRecord[] = [];
  readonly #network: ByteNetwork;
  readonly #now: () => number;
  readonly #watch: NetworkWatch;

  constructor(network: ByteNetwork, now: () => number, watch: NetworkWatch) {
    this.#network = network;
    this.#now = now;
    this.#watch = watch;
  }

  /** Those that are open now, in the order in which they opened. */
  get open(): readonly DialRecord[] {
    return this.#open;
  }

  listen(port: number, accepted: (socket: ByteSocket) => void): ByteListener {
    return this.#network.listen(port, accepted);
  }

  dial(to: ByteDial, events: ByteDialEvents): () => void {
    const record = new DialRecord(this.records.length, to.host, this.#now());
    this.records.push(record);
    this.#watch.dialled(record);
    return this.#network.dial(to, {
      resolved: (address) => events.resolved(address),
      failed: (error) => events.failed(error),
      opened: (socket) => {
        record.port = socket.local.port;
        record.isOpen = true;
        this.#open.push(record);
        this.#watch.opened(record);
        events.opened(this.#recorded(socket, record));
      },
    });
  }

  #recorded(socket: ByteSocket, record: DialRecord): ByteSocket {
    const over = (why: string): void => {
      if (!record.isOpen) return;
      record.isOpen = false;
      this.#open.splice(this.#open.indexOf(record), 1);
      this.#watch.over(record, why);
    };
    return {
      local: socket.local,
      remote: socket.remote,
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
      listen: (events) => socket.listen(this.#watched(events, record, over)),
      write: (bytes, taken) => {
        this.#watch.wrote(record, bytes);
        socket.write(bytes, (error) => {
          if (error === undefined) this.#watch.took(record, bytes);
          taken(error);
        });
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.end(),
      reset: () => {
        over("reset by us");
        socket.reset();
      },
      destroy: () => {
        over("destroyed by us");
        socket.destroy();
      },
    };
  }

  #watched(
    events: ByteSocketEvents,
    record: DialRecord,
    over: (why: string) => void,
  ): ByteSocketEvents {
    return {
      data: (bytes) => {
        record.readBytes += bytes.length;
        record.lastReadAt = this.#now();
        this.#watch.read(record, bytes);
        events.data(bytes);
      },
      ended: () => {
        record.hasEnded = true;
        events.ended();
      },
      failed: (error) => {
        over("failed");
        events.failed(error);
      },
    };
  }
}

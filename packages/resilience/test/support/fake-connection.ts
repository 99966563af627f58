import type {
  ConnectOptions,
  Frame,
  Handshake,
  Lifecycle,
  WsConnection,
  WsConnector,
} from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "../../src/core/initial-snapshot.js";
import { FrameQueue } from "../../src/primitives/frame-queue.js";
import { LifecycleWatch } from "../../src/primitives/lifecycle-watch.js";
import { FakeSink } from "./fake-sink.js";

/** A leaf's connection: the test pushes into `incoming` and reads `fakeSink.sent`. */
export class FakeConnection implements WsConnection {
  readonly fakeSink = new FakeSink();
  readonly sink = this.fakeSink;
  readonly incoming = new FrameQueue<Frame>();
  readonly source = this.incoming.source;
  readonly protocol = "v1.fake";
  readonly controlFrames = true;
  /** What the socket knows of its reads; nothing, unless the test says something. */
  readonly activity: {
    lastDataAt: undefined;
    lastInboundAt: number | undefined;
    dataEpoch: number;
  } = {
    lastDataAt: undefined,
    lastInboundAt: undefined,
    dataEpoch: 0,
  };
  readonly lifecycle: Lifecycle = new LifecycleWatch({
    initial: { ...INITIAL_SNAPSHOT, phase: "connected", epoch: 1 },
    activity: this.activity,
    timer: { now: () => 0 },
    spawn: { spawn: () => undefined },
    onListenerError: () => undefined,
  });
  destroyCount = 0;

  destroy(): void {
    this.destroyCount++;
  }
}

export interface FakeDial {
  readonly handshake: Handshake;
  readonly options: ConnectOptions | undefined;
  readonly succeed: (connection: WsConnection) => void;
  readonly fail: (reason: unknown) => void;
}

/** A connector whose attempts stay open until the test decides them. */
export class FakeConnector implements WsConnector {
  readonly dials: FakeDial[] = [];

  connect(handshake: Handshake, options?: ConnectOptions): Promise<WsConnection> {
    return new Promise((resolve, reject) => {
      this.dials.push({ handshake, options, succeed: resolve, fail: reject });
    });
  }

  get lastDial(): FakeDial {
    const dial = this.dials.at(-1);
    if (dial === undefined) throw new Error("nothing was dialled");
    return dial;
  }
}

export const HANDSHAKE: Handshake = { url: "wss://venue.test/stream", protocols: [], headers: {} };

import { urlFault, WsError } from "@oath-ws/contract";
import type {
  ConnectOptions,
  Handshake,
  LeafConnection,
  LeafEvents,
  WsConnector,
} from "@oath-ws/contract";
import { handshakeInvalid, urlInvalid } from "@oath-ws/resilience/leaf";
import { accept } from "./dial-step.js";
import type { AcceptStep, DialStep, RefuseStep } from "./dial-step.js";
import { ScriptedPeer } from "./mock-peer.js";
import type { MockPeer } from "./mock-peer.js";
import { arrive } from "./network-timer.js";
import type { NetworkTimer } from "./network-timer.js";

/** What a {@link MockConnector} runs on: a `World`, or real timers. */
export interface MockRuntime {
  readonly timer: NetworkTimer;
}

/** How a dial that is not in the script is answered. */
export type DialAnswer = DialStep | ((dial: MockDial) => DialStep);

/** Options of {@link MockConnector}. */
export interface MockConnectorOptions {
  /** What becomes of the first dials, in order. Default: none scripted. */
  readonly script?: readonly DialStep[] | undefined;
  /** What becomes of every dial after the script. Default: accepted. */
  readonly otherwise?: DialAnswer | undefined;
  /**
   * `false` for a leaf that, like a browser's, neither sends nor shows control frames. Default
   * `true`.
   */
  readonly controlFrames?: boolean | undefined;
  /** Whether peers answer the client's pings. Default `true`; each peer can change it. */
  readonly autoPong?: boolean | undefined;
  /** Whether peers answer the client's close frame. Default `true`; each peer can change it. */
  readonly answerClose?: boolean | undefined;
  /**
   * How long peers take to react to a frame, in milliseconds. Default: no time, but never within
   * the client's call.
   */
  readonly reactAfterMs?: number | undefined;
  /**
   * How long `close()` waits for the peer's close frame before it drops the socket, in
   * milliseconds. Default 30 000.
   */
  readonly closeTimeoutMs?: number | undefined;
}

/** What became of one dial. Kept up to date. */
export interface MockDial {
  /** 0 for the first dial of the connector. */
  readonly index: number;
  /** When it began, in milliseconds of the timer. */
  readonly at: number;
  readonly handshake: Handshake;
  /** `ConnectOptions.attempt` and `.lastError` as the caller gave them. */
  readonly attempt: number | undefined;
  readonly lastError: WsError | undefined;
  readonly outcome: "pending" | "accepted" | "refused" | "aborted";
  /** When the outcome was known; `undefined` while pending. */
  readonly settledAt: number | undefined;
  /** The server's hand, of an accepted dial. */
  readonly peer: MockPeer | undefined;
}

type DialRecord = { -readonly [Key in keyof MockDial]: MockDial[Key] };

/**
 * A scripted {@link WsConnector} that keeps the contract of a leaf to the letter (it passes the
 * conformance suite) and touches no network. The script says what becomes of each dial; the
 * {@link MockPeer} of an accepted dial is the server's hand.
 */
export class MockConnector implements WsConnector {
  /** What becomes of every dial after the script; may be changed at any time. */
  otherwise: DialAnswer;
  readonly #runtime: MockRuntime;
  readonly #options: MockConnectorOptions;
  readonly #script: DialStep[];
  readonly #dials: DialRecord[] = [];
  #openSockets = 0;
  #maxOpenSockets = 0;

  constructor(runtime: MockRuntime, options: MockConnectorOptions = {}) {
    this.#runtime = runtime;
    this.#options = options;
    this.#script = [...(options.script ?? [])];
    this.otherwise = options.otherwise ?? accept();
  }

  /**
   * Every dial so far, the first one first. A call that failed before dialling (bad URL, aborted
   * signal) is none.
   */
  get dials(): readonly MockDial[] {
    return this.#dials;
  }

  /** The server's hands of the accepted dials so far, the first one first. */
  get peers(): readonly MockPeer[] {
    return this.#dials.map((dial) => dial.peer).filter((peer) => peer !== undefined);
  }

  /** The newest peer, if its connection is open. */
  get current(): MockPeer | undefined {
    const peer = this.#dials.findLast((dial) => dial.peer !== undefined)?.peer;
    return peer?.isOpen === true ? peer : undefined;
  }

  /**
   * Sockets that exist now: from the dial on until it is refused or aborted, or the connection is
   * over.
   */
  get openSockets(): number {
    return this.#openSockets;
  }

  /** The most sockets that ever existed at once: 1, for a client that keeps at most one. */
  get maxOpenSockets(): number {
    return this.#maxOpenSockets;
  }

  /** Adds steps to the end of the script. */
  enqueue(...steps: readonly DialStep[]): void {
    this.#script.push(...steps);
  }

  connect(
    handshake: Handshake,
    events: LeafEvents,
    options: ConnectOptions = {},
  ): Promise<LeafConnection> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const fault = urlFault(handshake.url);
      if (fault !== undefined) throw urlInvalid(fault);
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const dial = this.#begin(handshake, options);
      let cancel = (): void => {};
      const finish = (outcome: "refused" | "aborted", reason: unknown): void => {
        cancel();
        signal?.removeEventListener("abort", onAbort);
        this.#openSockets--;
        this.#settle(dial, outcome);
        reject(reason);
      };
      const onAbort = (): void => finish("aborted", signal?.reason);
      const answer = (step: AcceptStep | RefuseStep): void => {
        if (step.kind === "refuse") return finish("refused", step.error);
        const fault = protocolFault(step, handshake);
        if (fault !== undefined) return finish("refused", fault);
        signal?.removeEventListener("abort", onAbort);
        try {
          resolve(this.#accept(dial, events, step));
        } catch (error) {
          // What `onAccept` threw. It shows in both places: in a test, and under a stack.
          dial.peer?.reset(scriptFailed(error));
          reject(error);
        }
      };
      signal?.addEventListener("abort", onAbort);
      try {
        const step = this.#nextStep(dial);
        if (step.kind !== "hang")
          cancel = arrive(this.#runtime.timer, step.afterMs, () => answer(step));
      } catch (error) {
        // The script itself is broken; the caller should see why.
        finish("refused", error);
      }
    });
  }

  #begin(handshake: Handshake, options: ConnectOptions): DialRecord {
    const dial: DialRecord = {
      index: this.#dials.length,
      at: this.#runtime.timer.now(),
      handshake,
      attempt: options.attempt,
      lastError: options.lastError,
      outcome: "pending",
      settledAt: undefined,
      peer: undefined,
    };
    this.#dials.push(dial);
    this.#openSockets++;
    this.#maxOpenSockets = Math.max(this.#maxOpenSockets, this.#openSockets);
    return dial;
  }

  #nextStep(dial: MockDial): DialStep {
    const step = this.#script.shift();
    if (step !== undefined) return step;
    return typeof this.otherwise === "function" ? this.otherwise(dial) : this.otherwise;
  }

  #settle(dial: DialRecord, outcome: MockDial["outcome"]): void {
    dial.outcome = outcome;
    dial.settledAt = this.#runtime.timer.now();
  }

  #accept(dial: DialRecord, events: LeafEvents, step: AcceptStep): LeafConnection {
    const peer = new ScriptedPeer({
      events,
      timer: this.#runtime.timer,
      handshake: dial.handshake,
      protocol: chosenProtocol(step, dial.handshake),
      headers: step.headers ?? {},
      controlFrames: this.#options.controlFrames ?? true,
      autoPong: this.#options.autoPong ?? true,
      answerClose: this.#options.answerClose ?? true,
      reactAfterMs: this.#options.reactAfterMs,
      closeTimeoutMs: this.#options.closeTimeoutMs ?? 30_000,
      onEnd: () => {
        this.#openSockets--;
      },
    });
    dial.peer = peer;
    this.#settle(dial, "accepted");
    const connection = peer.open();
    for (const frame of step.frames ?? []) peer.send(frame);
    step.onAccept?.(peer);
    return connection;
  }
}

function scriptFailed(cause: unknown): WsError {
  const message = "the script's onAccept() threw";
  return new WsError({ kind: "unknown", code: "CONNECT_FAILED", message, cause });
}

function chosenProtocol(step: AcceptStep, handshake: Handshake): string {
  return step.protocol ?? handshake.protocols[0] ?? "";
}

/**
 * RFC 6455 section 4.1: a client fails the connection when the server chooses what it did not
 * offer.
 */
function protocolFault(step: AcceptStep, handshake: Handshake): WsError | undefined {
  const protocol = chosenProtocol(step, handshake);
  if (protocol === "" || handshake.protocols.includes(protocol)) return undefined;
  return handshakeInvalid(`the server chose the subprotocol "${protocol}", which was not offered`);
}

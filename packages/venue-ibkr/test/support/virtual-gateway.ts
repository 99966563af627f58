import { AttemptGate, stack } from "@oath-ws/resilience";
import { accept, MockConnector } from "@oath-ws/testing";
import type { MockPeer } from "@oath-ws/testing";
import type { OrderRuntime } from "@oath-ws/venue-kit";
import { IbkrClient } from "@oath-ws/venue-ibkr";
import type { IbkrOptions, SessionKeeper } from "@oath-ws/venue-ibkr";
import { FakeRest } from "./fake-rest.js";

/** What a client said, and when. */
export interface Said {
  readonly at: number;
  readonly text: string;
}

/**
 * A gateway in virtual time: greets, beats every 10 s, answers tics four times and market data with
 * two snapshots.
 */
export class VirtualGateway {
  readonly rest = new FakeRest();
  readonly leaf: MockConnector;
  readonly said: Said[] = [];
  /** Whether heartbeats, answers to tics, and snapshots come. */
  beats = true;
  tics = true;
  snapshots = true;
  /** Which topic is refused when something is said, and after how long. */
  refuses: (text: string) => { readonly topic: string; readonly afterMs: number } | undefined =
    () => undefined;
  /** Says what is said to a new connection instead of the greeting. */
  welcome: ((peer: MockPeer) => void) | undefined;
  #tics = 0;

  constructor() {
    const { world } = this.rest;
    this.leaf = new MockConnector(world, {
      otherwise: accept({ onAccept: (peer) => this.#serve(peer) }),
    });
  }

  get world(): FakeRest["world"] {
    return this.rest.world;
  }

  get runtime(): OrderRuntime {
    const { timer, spawn, random, newId } = this.world;
    const gate = new AttemptGate();
    return {
      build: (settings) =>
        stack({ gate, ...settings, leaf: this.leaf, timer, spawn, random, newId }),
      fetch: this.rest.fetch,
      timer,
      random,
      newId,
    };
  }

  open(options: Partial<IbkrOptions> = {}): {
    readonly session: SessionKeeper;
    readonly client: IbkrClient;
  } {
    const session = this.rest.keeper();
    return { session, client: new IbkrClient({ runtime: this.runtime, session, ...options }) };
  }

  /** When something was said that begins so. */
  times(start: string): readonly number[] {
    return this.said.filter(({ text }) => text.startsWith(start)).map(({ at }) => at);
  }

  say(message: object): void {
    this.leaf.current?.text(JSON.stringify(message));
  }

  greet(peer: MockPeer): void {
    const say = (message: object): void => void peer.text(JSON.stringify(message));
    say({ topic: "system", success: "USER", isFT: false, isPaper: true });
    say({ topic: "act", args: { accounts: ["U1"], sessionId: "secret" } });
    say({
      topic: "sts",
      args: {
        authenticated: this.rest.status.authenticated,
        competing: this.rest.status.competing,
      },
    });
  }

  #serve(peer: MockPeer): void {
    const { timer } = this.world;
    peer.onFrame((frame) => {
      if (frame.kind !== "text") return;
      const text = new TextDecoder().decode(frame.data);
      this.said.push({ at: timer.now(), text });
      if (text === "tic" && this.tics) {
        const answer = JSON.stringify({
          topic: "tic",
          alive: true,
          id: "secret",
          lastAccessed: ++this.#tics,
        });
        for (let copy = 0; copy < 4; copy++) peer.text(answer);
      }
      const refusal = this.refuses(text);
      if (refusal !== undefined) {
        const { topic, afterMs } = refusal;
        timer.scheduleArrival(afterMs, () =>
          peer.text(JSON.stringify({ error: "unable to subscribe", code: 500, topic })),
        );
        return;
      }
      const [, contract] = /^smd\+(\d+)\+/.exec(text) ?? [];
      if (contract !== undefined && this.snapshots) {
        for (let copy = 0; copy < 2; copy++) {
          const conid = Number(contract);
          peer.text(
            JSON.stringify({
              conidEx: contract,
              conid,
              _updated: timer.now(),
              "84": "1.00",
              "86": "1.01",
              topic: `smd+${contract}`,
            }),
          );
        }
      }
    });
    const beat = (): void => {
      if (!peer.isOpen) return;
      if (this.beats) peer.text(JSON.stringify({ topic: "system", hb: timer.wallNow() - 123_456 }));
      timer.scheduleArrival(10_000, beat);
    };
    timer.scheduleArrival(250, () => (this.welcome ?? ((to: MockPeer) => this.greet(to)))(peer));
    timer.scheduleArrival(4_000, beat);
  }
}

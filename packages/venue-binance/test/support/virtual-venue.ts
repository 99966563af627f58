import { AttemptGate } from "@oath-ws/resilience";
import { accept, createWorld, MockConnector } from "@oath-ws/testing";
import type { DialStep, MockPeer, World } from "@oath-ws/testing";
import { virtualRuntime } from "@oath-ws/testing/venue";
import type { OrderRuntime, StrictFetch } from "@oath-ws/venue-kit";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

/** What a virtual venue answers a request with; `undefined` for silence. */
export type Answer = (request: Request, peer: MockPeer) => object | undefined;

/** A venue in virtual time: connections that answer requests, and a REST API that is a function. */
export class VirtualVenue {
  readonly world: World;
  readonly leaf: MockConnector;
  /** Requests of all connections, in order. */
  readonly requests: Request[] = [];
  /** Streams by connection. */
  readonly streams = new Map<MockPeer, Set<string>>();
  readonly gate = new AttemptGate();
  answer: Answer = () => ({ result: null });
  rest: StrictFetch = () => Promise.reject(new TypeError("no REST here"));

  constructor(seed = 1) {
    this.world = createWorld({ seed });
    this.leaf = new MockConnector(this.world, { otherwise: this.accepting() });
  }

  get runtime(): OrderRuntime {
    const { world, leaf, gate } = this;
    return virtualRuntime({ world, leaf, gate, fetch: (url, init) => this.rest(url, init) });
  }

  /** A dial that ends in a connection of this venue. */
  accepting(): DialStep {
    return accept({ onAccept: (peer) => this.#serve(peer) });
  }

  /** Sends an event of a stream to everyone who has it, wrapped. */
  publish(stream: string, data: object): void {
    for (const [peer, streams] of this.streams) {
      if (peer.isOpen && streams.has(stream)) peer.text(JSON.stringify({ stream, data }));
    }
  }

  #serve(peer: MockPeer): void {
    const streams = new Set<string>();
    this.streams.set(peer, streams);
    peer.onFrame((frame) => {
      if (frame.kind !== "text") return;
      const request = JSON.parse(new TextDecoder().decode(frame.data)) as Request;
      this.requests.push(request);
      if (request.method === "SUBSCRIBE")
        for (const name of request.params as string[]) streams.add(name);
      if (request.method === "UNSUBSCRIBE")
        for (const name of request.params as string[]) streams.delete(name);
      const answer = this.answer(request, peer);
      if (answer !== undefined) peer.text(JSON.stringify({ id: request.id, ...answer }));
    });
  }
}

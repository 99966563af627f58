import type { Subscription } from "@oath-ws/venue-kit";
import { Feed } from "@oath-ws/venue-kit";
import type { GapRecord, VenueRuntime } from "@oath-ws/venue-kit";

declare const runtime: VenueRuntime;
declare const subscription: Subscription<Message>;
declare function rebuild(gap: GapRecord | undefined): void;
declare function handle(data: Message): void;

// #region reader
let gaps = 0;
for await (const event of subscription) {
  if (event.gaps !== gaps) rebuild(subscription.gaps.at(-1));
  gaps = event.gaps;
  handle(event.data);
}
// #endregion

// #region adapter
interface Message {
  readonly topic: string;
  readonly id: number;
}

const feed = new Feed({
  runtime, // nodeRuntime of oath-ws, or your own over virtual time
  settings: { config: { send: { rateLimit: { max: 8, windowMs: 1_000 } } } },
  handshake: { url: "wss://venue.example.com/ws", protocols: [], headers: {} },
  grammar: {
    encode: ({ id, kind, topics }) => JSON.stringify({ op: kind, id, topics }),
    receive: (frame, inbox) => {
      const message = JSON.parse(frame.text()) as Message | { readonly ok: number };
      if ("ok" in message) inbox.confirmed(message.ok);
      else inbox.event(message.topic, message);
    },
  },
  commands: { maxTopics: 50, maxInFlight: 1, answerTimeoutMs: 10_000, maxUnanswered: 3 },
  maxTopicsPerConnection: 200,
});
const trades = feed.subscribe<Message>("trades:BTC", {
  identity: ({ id }) => id,
  range: { firstId: ({ id }) => id, lastId: ({ id }) => id },
});
// #endregion
void trades;

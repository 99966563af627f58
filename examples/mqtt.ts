// MQTT over WebSocket: the session is opened and the topic is subscribed in every epoch. Its
// arguments are the address of a broker and a topic.
import { generate, parser } from "mqtt-packet";
import type { Packet, Parser } from "mqtt-packet";
import { open } from "oath-ws";

const [url = "ws://127.0.0.1:9001/mqtt", topic = "prices/#"] = process.argv.slice(2);
const KEEPALIVE_S = 30;

await using feed = await open(url, { protocols: ["mqtt"] });

/** Sends in one epoch or not at all: a packet of an old session means nothing in a new one. */
function send(packet: Packet, epoch: number): void {
  feed.sink.send(generate(packet), { epoch }).catch(() => undefined); // the next epoch starts again
}

function handle(packet: Packet, epoch: number): void {
  if (packet.cmd === "connack") {
    if (packet.returnCode !== 0) throw new Error(`the broker refused: ${packet.returnCode}`);
    send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] }, epoch);
  } else if (packet.cmd === "suback") {
    console.log(`epoch ${epoch}: subscribed`);
  } else if (packet.cmd === "publish") {
    console.log(`epoch ${epoch}: ${packet.topic} ${packet.payload.toString()}`);
    if (packet.payload.toString() === "bye") void feed.control.shutdown();
  }
}

const sessions = (async () => {
  let begun = 0;
  for await (const { phase, epoch } of feed.lifecycle) {
    if ((phase !== "connected" && phase !== "resumed") || epoch === begun) continue;
    begun = epoch;
    send({ cmd: "connect", clientId: "oath-ws", clean: true, keepalive: KEEPALIVE_S }, epoch);
  }
})();
// Pings of WebSocket do not keep an MQTT session: the broker wants packets of its own.
const pings = setInterval(
  () => send({ cmd: "pingreq" }, feed.lifecycle.snapshot.epoch),
  (KEEPALIVE_S / 2) * 1_000,
);

// A packet may be spread over frames, but never over connections.
let [epoch, parse]: [number, Parser | undefined] = [0, undefined];
for await (const frame of feed.source) {
  if (parse === undefined || frame.epoch !== epoch) {
    epoch = frame.epoch;
    parse = parser().on("packet", (packet) => handle(packet, frame.epoch));
  }
  parse.parse(Buffer.from(frame.data));
}
clearInterval(pings);
await sessions;

import { open } from "oath-ws";

const url = process.argv[2] ?? "wss://stream.example.com/ws";
await using feed = await open(url);

// For alarms, for the risk gate, and for the code that subscribes again in every epoch.
const watching = (async () => {
  for await (const { phase, epoch, totalLagged, cause } of feed.lifecycle) {
    console.log(
      `${phase}: epoch ${epoch}, lagged ${totalLagged}, last fault ${cause?.code ?? "none"}`,
    );
  }
})();

let last = 0;
for await (const frame of feed.source) {
  if (frame.seq !== last + 1)
    console.log(`${frame.seq - last - 1} frames were dropped here: resync`);
  last = frame.seq;
  console.log(`epoch ${frame.epoch}, seq ${frame.seq}: ${frame.text()}`);
  if (frame.text() === "bye") break;
}
console.log(`fresh enough to trade on? ${feed.lifecycle.isFresh(1_000)}`);
await feed.control.shutdown();
await watching;

import { open } from "oath-ws";

await using feed = await open(process.argv[2] ?? "wss://stream.binance.com:9443/ws/btcusdt@trade");
feed.lifecycle.subscribe(() => console.log(feed.lifecycle.snapshot.phase));
for await (const frame of feed.source) console.log(frame.epoch, frame.seq, frame.text());

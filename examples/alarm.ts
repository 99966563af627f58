// An alarm for one feed: raised within two seconds when it is down, silent or mute, and taken back.
import { open } from "oath-ws";

const url = process.argv[2] ?? "wss://stream.binance.com:9443/ws/btcusdt@trade";
await using feed = await open(url, {
  config: { liveness: { probeAfterMs: 500, staleAfterMs: 1_000, deadAfterMs: 3_000 } },
});

let isRaised = false;
function look(): void {
  // False also on a mute feed: the server answers pings and sends no data, so the phase stays up.
  const isFresh = feed.lifecycle.isFresh(1_500);
  if (isFresh !== isRaised) return; // as before
  isRaised = !isFresh;
  const { phase, cause } = feed.lifecycle.snapshot;
  // The cause of the last break stays in the snapshot, so it explains this phase alone.
  const why = phase === "reconnecting" ? `, ${cause?.message ?? ""}` : "";
  console.log(isRaised ? `ALARM: no fresh data (${phase}${why})` : `The feed is back (${phase}).`);
}

feed.lifecycle.subscribe(look); // at once, when the phase changes
setInterval(look, 100).unref(); // the phase of a mute feed does not change
for await (const frame of feed.source) frame.text(); // your program; what it has read can be fresh

// Shows the connections of any program, without a changed line of it:
//
//   node --import @oath-ws/cli/dash app.mjs
//
// OATH_WS_DASH=HOST:PORT says where; default 127.0.0.1:9465, and port 0 takes any free one. The
// address is one line on stderr. The dashboard keeps no program alive, and whatever keeps it from
// starting is one warning: the program runs as it would without. Worker threads are not shown: they
// inherit the import, and have channels of their own.
import { isMainThread } from "node:worker_threads";
import { errorLine } from "../error-line.js";
import { parseListenAddress } from "../local/listen-address.js";
import { startDash } from "./start-dash.js";

const DEFAULT_ADDRESS = "127.0.0.1:9465";

const tell = (url: string): void => void process.stderr.write(`oath-ws: dashboard at ${url}\n`);

if (isMainThread) await show();

async function show(): Promise<void> {
  try {
    const text = process.env["OATH_WS_DASH"] ?? DEFAULT_ADDRESS;
    const address = parseListenAddress(text, "OATH_WS_DASH");
    const { url } = await startDash({ address, onAddress: tell });
    tell(url);
  } catch (error) {
    process.emitWarning(`The dashboard does not run: ${errorLine(error)}`, { type: "OathWsDash" });
  }
}

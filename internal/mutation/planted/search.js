// Looks for one planted fault.
import { spawn } from "node:child_process";
import { join } from "node:path";

/** Seeds after which a fault counts as not found. A venue's seed costs much more than others. */
export const BOUNDS = {
  client: 300,
  gate: 300,
  binance: 50,
  coinbase: 50,
  ibkr: 50,
  accounts: 50,
  relay: 50,
};

/** No seed takes nearly as long: a planted fault made the run go round for ever. */
const SILENT_MS = 1_200_000;

/** Resolves with the first seed that breaks an invariant, which it names; without one, for none. */
export async function search(copy, half, seeds) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "until-found.js"), copy, half, String(seeds)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const stop = () => child.kill("SIGKILL");
  const deadline = setTimeout(stop, SILENT_MS);
  process.once("exit", stop);
  let out = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text) => {
    out += text;
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...how) => resolve(how));
  });
  clearTimeout(deadline);
  process.off("exit", stop);
  if (code !== 0) throw new Error(`the search ended with ${code ?? signal}`);
  return JSON.parse(out);
}

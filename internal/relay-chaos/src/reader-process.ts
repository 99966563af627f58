import type { Command, ReaderOrder } from "./messages.js";
import { readOn } from "./reader.js";
import { SteppedTimer } from "./stepped-timer.js";

const order = JSON.parse(process.argv[2] ?? "") as ReaderOrder;
const timer = new SteppedTimer();
process.on("disconnect", () => process.exit());
process.on("message", (command: Command) => {
  if (command !== "shutFirst") timer.step(command.stepMs);
});
await readOn(order, timer, (news) => process.send?.(news));

import { ROLE_VARIABLE } from "./child.js";
import { messageOf } from "./errors.js";

/** The command, and, told so by its environment, each of its child processes. */
async function main(): Promise<number> {
  const [, , ...argv] = process.argv;
  const role = process.env[ROLE_VARIABLE];
  if (role === "feeder") {
    await (await import("./feeder/serve.js")).serveFeeder(argv[0]);
    return 0;
  }
  if (role === "client") {
    const { serveClient } = await import("./client/serve.js");
    serveClient(JSON.parse(argv[0] ?? "null") as Parameters<typeof serveClient>[0]);
    return 0;
  }
  return (await import("./command.js")).runCommand(argv);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 2;
}

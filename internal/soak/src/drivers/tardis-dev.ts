import { BINANCE_DIALECT } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";
import { stream } from "tardis-dev";

const driver: SoakDriver = {
  title: "tardis-dev",
  dialect: BINANCE_DIALECT,
  notes: { all: "`stream()` of its Binance feed, with `withDisconnects`" },
  start: (context) => {
    const { hostname, port, protocol } = new URL(context.url);
    // Its own way to another address.
    process.env["WSS_URL_BINANCE"] = `${protocol}//${hostname}:${port}/stream`;
    void read(context);
    return {};
  },
};

async function read({ frame, said, closed }: Parameters<SoakDriver["start"]>[0]): Promise<void> {
  const messages = stream({
    exchange: "binance",
    filters: [{ channel: "trade", symbols: ["btcusdt"] }],
    withDisconnects: true,
    onError: ({ message }) => said("down", message),
  });
  try {
    for await (const one of messages) {
      if (one === undefined) said("down", "disconnect marker");
      else {
        const { message } = one as { message: { data?: { t?: number } } };
        if (message.data?.t !== undefined) await frame(message.data.t, message);
      }
    }
    closed("its stream is over");
  } catch (error) {
    closed(error instanceof Error ? error.message : String(error));
  }
}

export default driver;

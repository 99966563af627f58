import { PLAIN_DIALECT, plainId } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";

/** What clients in the likeness of a browser's WebSocket have in common. */
interface WhatwgLike {
  addEventListener(type: "close" | "error" | "message", listener: (event: never) => void): unknown;
  send(text: string): unknown;
}

/**
 * Drives a client that takes a function for its URL and is else used as a browser's WebSocket is.
 */
export function driveWhatwg(
  title: string,
  make: (url: () => Promise<string>) => WhatwgLike,
): SoakDriver {
  return {
    title,
    dialect: PLAIN_DIALECT,
    asksProvider: true,
    start: ({ provideUrl, frame, said }) => {
      const socket = make(provideUrl);
      socket.addEventListener(
        "message",
        ({ data }: { data: unknown }) => void frame(plainId(String(data)), data),
      );
      socket.addEventListener("close", ({ code }: { code: number }) =>
        said("down", `close ${code}`),
      );
      socket.addEventListener("error", () => said("down", "error"));
      return { send: (text) => socket.send(text) };
    },
  };
}

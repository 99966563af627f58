import type { SoakDriver } from "@oath-ws/cli/soak";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

interface Tick {
  readonly id: number;
}

const driver: SoakDriver = {
  title: "graphql-ws",
  asksProvider: true,
  dialect: {
    frame: '{"type":"next","id":"$1","payload":{"data":{"id":%id%,"pad":"%pad%"}}}',
    answers: [
      { when: '"type":"connection_init"', text: '{"type":"connection_ack"}' },
      { when: '"id":"([^"]+)","type":"subscribe"', subscribes: true },
      { when: '"type":"ping"', text: '{"type":"pong"}' },
    ],
  },
  start: ({ provideUrl, frame, said, closed }) => {
    const client = createClient({
      url: provideUrl,
      webSocketImpl: WebSocket,
      on: { closed: () => said("down", "closed"), error: () => said("down", "error") },
    });
    client.subscribe<Tick>(
      { query: "subscription { id pad }" },
      {
        next: ({ data }) => void frame(Number(data?.id), data),
        error: () => closed("the subscription failed"),
        complete: () => closed("the subscription is complete"),
      },
    );
    return {};
  },
};

export default driver;

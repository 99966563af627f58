import { Duplex } from "node:stream";
import { isWsError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { directConnector } from "../../src/direct/direct-connector.js";
import type { DirectConnectorOptions } from "../../src/options/ws-connector-options.js";
import { CannedStream } from "../hostile/support/canned-stream.js";
import { connect, handshake, nextFrame } from "../support/connections.js";
import { frame, OP, switchingProtocols } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

type Create = (options: object, done: (error: Error | null, stream?: Duplex) => void) => unknown;

/** The options of a connector whose stream this function makes. */
function over(create: Create, socket: object = {}): DirectConnectorOptions {
  return { socket: { ...socket, createConnection: create as never } };
}

/** What an attempt fails with. */
async function refusal(
  options: DirectConnectorOptions,
  url = "ws://venue.test/",
  headers: Record<string, string> = {},
): Promise<WsError> {
  const error: unknown = await LeafRecorder.connect(
    directConnector(options),
    handshake(url, { headers }),
  ).catch((reason: unknown) => reason);
  if (!isWsError(error)) throw error;
  return error;
}

function answering(answer: string): CannedStream {
  return new CannedStream(() => [Buffer.from(answer, "latin1")]);
}

describe("the request", () => {
  it("says what the URL's user info, the origin and the caller's headers say, each once", async () => {
    const stream = answering("HTTP/1.1 503 No\r\n\r\n");
    await refusal(
      over(() => stream, { origin: "https://app.test" }),
      "ws://us%20er:pa%0d%0aX-Evil:1@venue.test:81/a%20b?c=%0d%0a",
      { "X-Key": "1", "x-key": "2", host: "other.test", origin: "https://evil.test" },
    );
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(stream.request)?.[1];
    expect(stream.request.split("\r\n")).toEqual([
      "GET /a%20b?c=%0d%0a HTTP/1.1",
      "host: other.test",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      `Authorization: Basic ${Buffer.from("us er:pa\r\nX-Evil:1").toString("base64")}`,
      "x-key: 2",
      "Origin: https://app.test",
      "",
      "",
    ]);
  });

  it.each([
    [{ origin: "https://app.test\r\nX-Evil: 1" }, "the option socket.origin cannot be sent"],
    [{ origin: 7 }, "the option socket.origin cannot be sent"],
    [{ maxHeaderSize: -1 }, "the option socket.maxHeaderSize must be a whole number"],
    [{ maxHeaderSize: "1" }, "the option socket.maxHeaderSize must be a whole number"],
  ])("is not made with %j, and nothing is dialled", async (socket, message) => {
    let dialled = 0;
    const error = await refusal(over(() => void dialled++, socket));
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(error.message).toContain(message);
    expect(dialled).toBe(0);
  });
});

describe("the answer", () => {
  const OK = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n";

  it.each([
    [`${OK}Connection: Upgrade\r\n folded\r\n\r\n`, "HTTP_OBS_FOLD", "line 4 of the answer begins"],
    [`${OK}Connection : Upgrade\r\n\r\n`, "HTTP_FIELD_NAME", "line 3 of the answer is no name"],
    [`${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, "HTTP_CONTENT_LENGTH", "line 4 of"],
    [`${OK}Cookie: secret\0\r\n\r\n`, "HTTP_FIELD_VALUE", "line 3 of the answer holds"],
    ["HTTP/1.1 101 a\nb", "HTTP_LINE_END", "line 1 of the answer does not end with CR and LF"],
  ])("%j is refused by the name of its fault", async (answer, code, message) => {
    const stream = answering(answer);
    const error = await refusal(over(() => stream));
    expect(error).toMatchObject({ kind: "server", code: "HANDSHAKE_INVALID", cause: { code } });
    expect(error.message).toContain(`cannot connect to ws://venue.test: ${message}`);
    expect(error.message).not.toContain("secret");
    expect(stream.destroyed).toBe(true);
  });

  it("may have as many bytes of head as socket.maxHeaderSize says", async () => {
    const answer = "HTTP/1.1 503 No\r\nA: b\r\n\r\n";
    const within = over(() => answering(answer), { maxHeaderSize: answer.length });
    expect(await refusal(within)).toMatchObject({ code: "UPGRADE_REFUSED", status: 503 });
    const beyond = over(() => answering(answer), { maxHeaderSize: answer.length - 1 });
    expect(await refusal(beyond)).toMatchObject({
      code: "HANDSHAKE_INVALID",
      cause: { code: "HTTP_HEAD_TOO_LARGE" },
    });
  });

  it("gives the frames behind it in their order, in one packet and byte by byte", async () => {
    const frames = ["one", "two", "three"].map((text) => frame(OP.text, text));
    const server = await rawServer();
    for (const cutAt of [0, 1]) {
      const connecting = connect(directConnector(), server.url);
      const peer = new RawPeer(await server.next());
      const request = await peer.request();
      const answer = Buffer.concat([Buffer.from(switchingProtocols(request)), ...frames]);
      peer.socket.setNoDelay(true);
      if (cutAt === 0) peer.socket.write(answer);
      else for (const byte of answer) peer.socket.write(Buffer.from([byte]));
      const connection = await connecting;
      for (const text of ["one", "two", "three"])
        expect(await nextFrame(connection)).toEqual(["text", text]);
    }
  });
});

describe("a stream of the caller's", () => {
  it("may be given later, and is dropped if the attempt has ended by then", async () => {
    const late: ((error: Error | null, stream?: Duplex) => void)[] = [];
    const options = over((_options, done) => void late.push(done));
    const controller = new AbortController();
    const connecting = LeafRecorder.connect(
      directConnector(options),
      handshake("ws://venue.test/"),
      {
        signal: controller.signal,
      },
    );
    controller.abort("enough");
    await expect(connecting).rejects.toBe("enough");
    const stream = answering("");
    late[0]?.(null, stream);
    expect(stream.destroyed).toBe(true);
    expect(stream.request).toBe("");
    const failing = refusal(options);
    late[1]?.(Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
    expect(await failing).toMatchObject({ kind: "connection", code: "ECONNREFUSED" });
    const answered = refusal(options);
    late[2]?.(null, answering("HTTP/1.1 503 No\r\n\r\n"));
    expect(await answered).toMatchObject({ code: "UPGRADE_REFUSED", status: 503 });
  });

  it("has one listener for each event afterwards, and none of the attempt's", async () => {
    const stream = new CannedStream((request) => [Buffer.from(switchingProtocols(request))]);
    const before = stream.listenerCount("end");
    const connection = await LeafRecorder.connect(
      directConnector(over(() => stream)),
      handshake("ws://venue.test/"),
      { onPhase: () => undefined },
    );
    const counts = ["data", "error", "close", "connect", "lookup"].map((event) =>
      stream.listenerCount(event),
    );
    expect(counts.slice(0, 3)).toEqual([1, 1, 1]);
    expect(stream.listenerCount("end")).toBe(before + 1);
    connection.destroy();
  });

  it("that ends without an answer is a lost connection, and is destroyed", async () => {
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    const failing = refusal(over(() => stream));
    stream.push(null);
    expect(await failing).toMatchObject({
      kind: "connection",
      code: "ECONNRESET",
      message:
        "cannot connect to ws://venue.test: the connection ended before the upgrade was answered",
    });
    expect(stream.destroyed).toBe(true);
  });
});

import type { LeafConnection, LeafEvents, LeafFrame, WsError } from "@oath-ws/contract";

/** Writes down every event with its argument. */
export class FakeEvents implements LeafEvents {
  readonly told: (readonly [event: keyof LeafEvents, value: unknown])[] = [];

  opened(connection: LeafConnection): void {
    this.told.push(["opened", connection]);
  }

  read(at: number): void {
    this.told.push(["read", at]);
  }

  frame(frame: LeafFrame): void {
    this.told.push(["frame", frame]);
  }

  dropped(frames: number, bytes: number): void {
    this.told.push(["dropped", [frames, bytes]]);
  }

  closed(code: number): void {
    this.told.push(["closed", code]);
  }

  ended(error: WsError | undefined): void {
    this.told.push(["ended", error]);
  }
}

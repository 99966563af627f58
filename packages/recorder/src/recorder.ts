import type { LifecycleSnapshot, ReceivedFrame, WsError } from "@oath-ws/contract";
import { FORMAT, frameControl, frameText, STAMP_DIGITS, stampOf, writableTime } from "./line.js";
import type { Control, RecordedError } from "./line.js";
import { PartLog } from "./part-log.js";
import { recordError } from "./record-error.js";
import { resolveRecorderOptions } from "./recorder-options.js";
import type { RecorderOptions, ResolvedRecorderOptions } from "./recorder-options.js";

/** What a recorder has done so far. */
export interface RecorderStats {
  /** Received frames that were given to the writer. */
  readonly frames: number;
  /** Bytes of lines, before compression. */
  readonly bytes: number;
  /** Frames that could not be written: the disk was too slow, or the recording had failed. */
  readonly unwritten: number;
  /** Frames that the receive buffer had dropped before. */
  readonly lagged: number;
  /** The file that is written now, or was last; `undefined` before the first line. */
  readonly file: string | undefined;
  /** Why the recording could not be continued: `DISK_FULL` or `WRITE_FAILED`. */
  readonly error: WsError | undefined;
}

/** What a recorder writes down of a gap that an adapter found. */
export interface GapNote {
  readonly topic: string;
  readonly reason: string;
  /** The venue's ids, both ends missing; absent where they are not known. */
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
}

/** Steps of the wall clock from here on are told, in milliseconds. */
const CLOCK_STEP_MS = 50;

/**
 * Writes what one connection receives to files of lines. `recordingConnector` and `record` give it
 * everything; call its methods yourself only where neither fits.
 *
 * How this works: frames become lines at once and wait in memory for the next write, at most
 * `maxPendingBytes` of them. When a frame does not follow the last written one, a control line says
 * so first. Each file begins with a `start` and an `epoch` line, so that it can be read alone.
 */
export class Recorder {
  readonly #options: ResolvedRecorderOptions;
  #log: PartLog | undefined;
  #snapshot: LifecycleSnapshot;
  /** Of the last frame in the present file; `undefined` before its first. */
  #last: { epoch: number; seq: number } | undefined;
  /** The `seq` of the last frame that came, written or not. */
  #seen: number | undefined;
  /** Since the last written frame. */
  #laggedSince = 0;
  #unwrittenSince = 0;
  /** How far the wall clock is ahead of the monotonic one. */
  #lead: number | undefined;
  #frames = 0;
  #unwritten = 0;
  #lagged = 0;
  #error: WsError | undefined;
  #isClosed = false;

  private constructor(options: ResolvedRecorderOptions, snapshot: LifecycleSnapshot) {
    this.#options = options;
    this.#snapshot = snapshot;
  }

  /**
   * Prepares to write: makes the folder, cuts a torn last line of the newest file of this
   * connection's name, and appends to it when it is plain text of today and not full. One recorder
   * at a time may have a folder and a connection's name.
   *
   * @param snapshot of the connection that will be recorded
   * @throws ConfigError listing everything that is wrong with the options; WsError `DISK_FULL` or
   *   `WRITE_FAILED` when the folder cannot be used
   */
  static async open(options: RecorderOptions, snapshot: LifecycleSnapshot): Promise<Recorder> {
    const recorder = new Recorder(resolveRecorderOptions(options), snapshot);
    try {
      recorder.#log = await PartLog.open(
        recorder.#options,
        snapshot.connection.name,
        () => recorder.#begin(),
        (error) => recorder.#fail(error),
      );
    } catch (error) {
      throw recordError(error);
    }
    return recorder;
  }

  get stats(): RecorderStats {
    return {
      frames: this.#frames,
      bytes: this.#log?.bytes ?? 0,
      unwritten: this.#unwritten,
      lagged: this.#lagged,
      file: this.#log?.file,
      error: this.#error,
    };
  }

  /** Writes a received frame. Give it every frame of the connection, in order. Never throws. */
  frame(frame: ReceivedFrame): void {
    const { epoch, seq, receivedAtUnixMs: unixMs } = frame;
    const lagged = this.#seen === undefined ? 0 : seq - this.#seen - 1;
    this.#seen = seq;
    this.#lagged += lagged;
    this.#laggedSince += lagged;
    const log = this.#writable();
    if (log === undefined || log.isFull) {
      this.#unwritten++;
      this.#unwrittenSince++;
      return;
    }
    log.rotate(unixMs);
    this.#noteClock(log, frame);
    const last = this.#last;
    if (last?.epoch !== epoch || last.seq + 1 !== seq) {
      const kind = last?.epoch === epoch ? "hole" : "epoch";
      const missing = { lagged: this.#laggedSince, unwritten: this.#unwrittenSince };
      log.control(unixMs, { kind, epoch, seq, ...missing });
      this.#laggedSince = 0;
      this.#unwrittenSince = 0;
    }
    this.#last = { epoch, seq };
    this.#frames++;
    const text = frameText(frame);
    if (text === undefined) log.control(unixMs, frameControl(frame));
    else log.verbatim(`${stampOf(unixMs)} ${text}`, frame.data.length + STAMP_DIGITS + 1);
  }

  /** Writes that a frame was given to the connection to send, in `epoch`. */
  sent(frame: { readonly kind: string; readonly data: Uint8Array | string }, epoch: number): void {
    const { kind, data } = frame;
    const opcode = kind === "text" || kind === "binary" ? kind : "control";
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    const text = opcode === "text" ? this.#redacted(data) : undefined;
    this.#note({ kind: "sent", epoch, opcode, bytes, ...(text === undefined ? {} : { text }) });
  }

  /** Writes that a frame which was told as sent has failed. */
  unsent(code: string, epoch: number): void {
    this.#note({ kind: "unsent", epoch, code });
  }

  /** Writes the connection's state, when its phase or epoch is another than before. */
  lifecycle(snapshot: LifecycleSnapshot): void {
    const { phase, epoch } = snapshot;
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    if (phase === before.phase && epoch === before.epoch) return;
    // The first lines of a file have it already.
    if (this.#log?.file === undefined) this.#log?.rotate(this.#options.wallNow());
    else this.#note(lifecycleOf(snapshot));
  }

  /** Writes a gap that an adapter found, which `verify` then takes for announced. */
  gap({ topic, reason, fromSeq, toSeq }: GapNote): void {
    const isKnown = fromSeq !== undefined && toSeq !== undefined;
    const ids = isKnown && Number.isFinite(fromSeq + toSeq) ? { fromSeq, toSeq } : {};
    this.#note({ kind: "gap", topic, reason, ...ids });
  }

  /** Resolves when everything so far is written, or the recording has failed. */
  async flush(): Promise<void> {
    await this.#log?.flush();
  }

  /** Writes what is left and closes the file; idempotent. Never rejects: see `error`. */
  async close(): Promise<RecorderStats> {
    if (!this.#isClosed)
      this.#note({ kind: "end", frames: this.#frames, unwritten: this.#unwritten });
    this.#isClosed = true;
    await this.#log?.close();
    return this.stats;
  }

  #writable(): PartLog | undefined {
    return this.#isClosed || this.#error !== undefined ? undefined : this.#log;
  }

  /** Control lines are few and small, so that they may exceed what waits for the disk. */
  #note(control: Control): void {
    const log = this.#writable();
    if (log === undefined) return;
    const now = this.#options.wallNow();
    log.rotate(now);
    log.control(now, control);
  }

  #begin(): void {
    const now = this.#options.wallNow();
    const { about } = this.#options;
    const { connection, endpoint } = this.#snapshot;
    this.#last = undefined;
    this.#log?.control(now, { kind: "start", format: FORMAT, connection, endpoint, about });
    this.#log?.control(now, lifecycleOf(this.#snapshot));
  }

  #fail(error: WsError): void {
    this.#error = error;
    try {
      this.#options.onError?.(error);
    } catch {
      // A listener that watches a recording must not break it.
    }
  }

  #noteClock(log: PartLog, { receivedAt, receivedAtUnixMs }: ReceivedFrame): void {
    const lead = writableTime(receivedAtUnixMs) - receivedAt;
    const stepMs = this.#lead === undefined ? 0 : lead - this.#lead;
    this.#lead = lead;
    if (Math.abs(stepMs) >= CLOCK_STEP_MS) log.control(receivedAtUnixMs, { kind: "clock", stepMs });
  }

  #redacted(data: Uint8Array | string): string | undefined {
    const { redact } = this.#options;
    if (redact === undefined) return undefined;
    try {
      const text: unknown = redact(typeof data === "string" ? data : Buffer.from(data).toString());
      return typeof text === "string" ? text : undefined;
    } catch {
      return undefined;
    }
  }
}

function lifecycleOf({ phase, epoch, cause }: LifecycleSnapshot): Control {
  const error = cause === undefined ? {} : { cause: recorded(cause) };
  return { kind: "lifecycle", epoch, phase, ...error };
}

function recorded({ kind, code, message, close }: WsError): RecordedError {
  return { kind, code, message, ...(close === undefined ? {} : { close }) };
}

// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame, Msg, ServerFrame, ServerInfo } from "@natswire/codec";
import { redactLine } from "../format/redact.ts";
import { type DecodedFrame, type Frame, FrameReader, type Side } from "../frame-reader.ts";
import { Failure } from "../output.ts";
import type { RecordingEntry } from "../tap/recording.ts";
import { type Answer, type AnswerReader, ownAnswer } from "./answer.ts";
import { Lanes } from "./lanes.ts";
import { formatLine, splitLines } from "./lines.ts";
import type { Script, Step } from "./script.ts";
import { Shapes } from "./shapes.ts";

/** How the answers of a recording are compared. */
export interface CompareOptions {
  /** Dotted paths of the fields of INFO and of JSON payloads that are not compared. */
  readonly ignore: readonly string[];
  /** Compares every byte, and the order of all answers of a connection. */
  readonly exact: boolean;
}

/**
 * Makes a script of a recording: it sends what the clients sent and expects what the server sent. The server's PINGs and the
 * clients' PONGs are omitted.
 *
 * @throws Failure if an entry is not one frame
 */
export function scriptFromRecording(entries: readonly RecordingEntry[], { ignore, exact }: CompareOptions): Script {
  const lanes = new Lanes();
  const shapes = new Shapes(ignore);
  for (const { connection, frame, bytes } of framesFrom("client", entries)) {
    lanes.add(connection, frame);
    shapes.addSent(bytes);
  }
  const withInfo = new Set<number>();
  for (const { connection, frame } of framesFrom("server", entries)) if (frame.op === "info") withInfo.add(connection);
  const createReader = (): AnswerReader => (exact ? readExactly : createShapeReader(shapes, lanes, withInfo));
  const read = createReader();
  const sent = [...framesFrom("client", entries)].filter(({ frame }) => frame.op !== "pong").map(sendStep);
  const expected = [...framesFrom("server", entries)].flatMap(({ connection, line, ...decoded }) =>
    read(connection, decoded).map(
      (answer): Step => ({
        ...answer,
        op: "expect",
        line,
        shown: formatLine(connection, "server", answer.text),
        matches: (text) => text === answer.text,
      }),
    ),
  );
  return {
    steps: [...sent, ...expected].sort((a, b) => a.line - b.line),
    createReader,
    unusedFields: () => shapes.unused,
  };
}

/** A frame of a recording. */
interface RecordedFrame<F extends Frame> extends DecodedFrame<F> {
  readonly connection: number;
  readonly line: number;
}

function framesFrom(side: "client", entries: readonly RecordingEntry[]): Generator<RecordedFrame<ClientFrame>>;
function framesFrom(side: "server", entries: readonly RecordingEntry[]): Generator<RecordedFrame<ServerFrame<string>>>;
function* framesFrom(side: Side, entries: readonly RecordingEntry[]): Generator<RecordedFrame<Frame>> {
  // One reader for all connections: an entry is one whole frame.
  const reader = FrameReader.for(side);
  for (const [i, entry] of entries.entries()) {
    if (!("bytes" in entry) || entry.from !== side) continue;
    // The server never received what a tap dropped.
    if (side === "client" && entry.fault?.dropped) continue;
    for (const { frame, bytes } of reader.read(entry.bytes)) {
      yield { connection: entry.connection, line: i + 1, frame, bytes };
    }
    if (reader.stopReason !== undefined || reader.buffered > 0) {
      throw new Failure(`line ${i + 1} of the recording is not a frame that a ${side} sends`);
    }
  }
}

function sendStep({ connection, line, bytes }: RecordedFrame<ClientFrame>): Step {
  const [first = "", ...more] = splitLines(bytes);
  const shown = formatLine(connection, "client", [redactLine(first), ...more].join("␍␊"));
  return { op: "send", connection, line, shown, bytes: Buffer.from(bytes) };
}

function readExactly(connection: number, { frame, bytes }: DecodedFrame<ServerFrame<string>>): Answer[] {
  return frame.op === "ping" ? [] : [ownAnswer(connection, splitLines(bytes).join("␍␊"))];
}

/** @param withInfo the connections whose INFO was recorded; of others, it is not compared */
function createShapeReader(shapes: Shapes, lanes: Lanes, withInfo: ReadonlySet<number>): AnswerReader {
  // The fields of INFO that each connection has received.
  const infos = new Map<number, Map<string, string>>();

  /** Returns an INFO with the fields that are new or have another value than before, if there is one. */
  function readInfo(connection: number, info: ServerInfo): Answer[] {
    const known = infos.get(connection);
    const fields = [...shapes.info(info)].filter(([name, value]) => known?.get(name) !== value);
    infos.set(connection, new Map([...(known ?? []), ...fields]));
    if (known !== undefined && fields.length === 0) return [];
    const text = `INFO {${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
    const isOptional = !withInfo.has(connection);
    const lane = `${connection} INFO`;
    return [{ connection, lane, text, content: text, isUnprompted: known !== undefined, isOptional }];
  }

  function readMessage(connection: number, message: Msg<string>): Answer[] {
    const { name, isUnordered, isShared } = lanes.of(connection, message);
    const verb = message.headers === undefined ? "MSG" : "HMSG";
    const sid = isShared ? "*" : message.sid;
    const { subject, content } = shapes.message(message);
    const text = `${verb} ${subject} ${sid}${content}`;
    return [{ connection, lane: name, text, content: subject + content, isUnordered }];
  }

  return (connection, { frame, bytes }) => {
    switch (frame.op) {
      case "ping":
        return [];
      case "info":
        return readInfo(connection, frame.info);
      case "msg":
        return readMessage(connection, frame);
      default:
        return [ownAnswer(connection, shapes.text(splitLines(bytes).join("␍␊")))];
    }
  };
}

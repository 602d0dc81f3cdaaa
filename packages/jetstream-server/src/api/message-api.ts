// SPDX-License-Identifier: Apache-2.0
import { base64 } from "../bytes.ts";
import {
  findMessage,
  isContradictory,
  isEmptyQuery,
  type MessageQuery,
  messageQueryShape,
} from "../stream/message-query.ts";
import { type PurgeRequest, purge } from "../stream/purge.ts";
import { timeText } from "../time.ts";
import { ApiFailure } from "./api-failure.ts";
import { isEmptyRequest, looksLikeJson, readRequest } from "./json-request.ts";
import type { ApiRequest, Handlers } from "./request.ts";
import { streamOf } from "./stream-of.ts";

const purgeShape = { seq: "uint", filter: "text", keep: "uint" } as const;
const deleteShape = { seq: "uint", no_erase: "flag" } as const;

/** The API of the messages of a stream. */
export const messageApi: Handlers = {
  "STREAM.MSG.GET": ["stream_msg_get", get],
  "STREAM.MSG.DELETE": ["stream_msg_delete", remove],
  "STREAM.PURGE": ["stream_purge", answerPurge, { purged: 0 }],
};

function get(request: ApiRequest): object {
  if (isEmptyRequest(request.payload)) throw new ApiFailure("JSBadRequest");
  const query = readRequest<MessageQuery>(request.payload, messageQueryShape, "JSApiMsgGetRequest");
  const isBatch = (query.batch ?? 0) > 0 || (query.max_bytes ?? 0) > 0;
  const { multi_last: _multi, up_to_seq: _sequence, up_to_time: _time, ...single } = query;
  if (isBatch || isEmptyQuery(single) || isContradictory(single)) throw new ApiFailure("JSBadRequest");
  const message = findMessage(single, streamOf(request).store);
  if (message === undefined) throw new ApiFailure("JSNoMessageFound");
  const { subject, sequence, headers, payload, time } = message;
  return {
    message: {
      subject,
      seq: sequence,
      ...(headers === undefined ? {} : { hdrs: base64(headers) }),
      ...(payload.length === 0 ? {} : { data: base64(payload) }),
      time: timeText(time),
    },
  };
}

function remove(request: ApiRequest): object {
  if (isEmptyRequest(request.payload)) throw new ApiFailure("JSBadRequest");
  const { seq = 0 } = readRequest<{ seq: number }>(request.payload, deleteShape, "JSApiMsgDeleteRequest");
  const stream = streamOf(request);
  if (stream.config.sealed) throw new ApiFailure("JSStreamSealed");
  if (stream.config.deny_delete) {
    throw new ApiFailure("JSStreamMsgDeleteFailed", { err: "message delete not permitted" });
  }
  if (!stream.remove(seq)) throw new ApiFailure("JSSequenceNotFound", { seq });
  return { success: true };
}

function answerPurge(request: ApiRequest): object {
  const { payload } = request;
  const asked = looksLikeJson(payload) ? readRequest<PurgeRequest>(payload, purgeShape, "JSApiStreamPurgeRequest") : {};
  if ((asked.seq ?? 0) > 0 && (asked.keep ?? 0) > 0) throw new ApiFailure("JSBadRequest");
  const stream = streamOf(request);
  if (stream.config.sealed) throw new ApiFailure("JSStreamSealed");
  if (stream.config.deny_purge) throw new ApiFailure("JSStreamPurgeFailed", { err: "stream purge not permitted" });
  return { success: true, purged: purge(stream, asked) };
}

// SPDX-License-Identifier: Apache-2.0
import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  InvalidArgumentError,
  InvalidSubjectError,
  NoRespondersError,
  PermissionViolationError,
  ProtocolError,
  RequestError,
  TimeoutError,
  UserAuthenticationExpiredError,
} from "@nats-io/nats-core";
import type { ConnectionError as NatswireError, UsageError } from "@natswire/io/client";

/**
 * Returns the error of nats-core for an error of natswire, which becomes its `cause`. Other errors stay as they are.
 *
 * @param subject what was published or subscribed to
 * @param reply the reply subject that was given
 */
export function toNatsError(thrown: unknown, subject?: string, reply = ""): Error {
  const error = thrown as NatswireError | UsageError;
  const { message } = error;
  const options = { cause: error };
  switch (error.code) {
    case "TIMEOUT":
      return new TimeoutError(options);
    case "NO_RESPONDERS":
      return new NoRespondersError(subject ?? "", options);
    case "PERMISSION":
      return permissionError(error as NatswireError);
    case "CLOSED":
      return Object.assign(new ClosedConnectionError(), options);
    case "DRAINING":
      return Object.assign(new DrainingConnectionError(), options);
    case "AUTH":
      return /expired/i.test(message)
        ? new UserAuthenticationExpiredError(message, options)
        : new AuthorizationError(message, options);
    case "PROTOCOL":
      return new ProtocolError(message, options);
    case "BAD_SUBJECT":
      // Without a subject, an option like `inboxPrefix` is not valid.
      return subject === undefined
        ? new InvalidArgumentError(message, options)
        : new InvalidSubjectError(message.startsWith(JSON.stringify(reply)) ? reply : subject, options);
    case "BAD_QUEUE":
    case "BAD_HEADER":
    case "BAD_NUMBER":
    case "BAD_FIELD":
    case "TOO_LARGE":
      return new InvalidArgumentError(message, options);
    case undefined:
      return error;
    default:
      return new ConnectionError(message, options);
  }
}

/** Returns the error that a request rejects with: a wrapper, except for a timeout and for values that are not valid. */
export function toRequestError(thrown: unknown, subject?: string, reply?: string): Error {
  const error = toNatsError(thrown, subject, reply);
  const isBare =
    error === thrown ||
    error instanceof TimeoutError ||
    error instanceof InvalidSubjectError ||
    error instanceof InvalidArgumentError;
  return isBare ? error : new RequestError(error.message, { cause: error });
}

function permissionError(error: NatswireError): Error {
  const { message, denial } = error;
  const operation = denial?.operation === "subscribe" ? "subscription" : "publish";
  return new PermissionViolationError(message, operation, denial?.subject ?? "", denial?.queue, { cause: error });
}

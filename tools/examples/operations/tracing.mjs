// SPDX-License-Identifier: Apache-2.0
// Hooks of a client that record spans with OpenTelemetry.
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

const tracer = trace.getTracer("orders");

/**
 * Does some work in a span, which ends after the work has settled.
 *
 * @template Result
 * @param {string} name
 * @param {import("@opentelemetry/api").SpanOptions} options
 * @param {import("@opentelemetry/api").Context} parent
 * @param {() => Result} work
 */
function inSpan(name, options, parent, work) {
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(/** @type {Error} */ (error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** @param {string} operation @param {string} subject @param {Uint8Array} payload */
function attributesOf(operation, subject, payload) {
  return {
    "messaging.system": "nats",
    "messaging.operation.name": operation,
    "messaging.destination.name": subject,
    "messaging.message.body.size": payload.length,
  };
}

/**
 * Sends a message in a span, with the context of the span in its headers.
 *
 * @template Result
 * @param {string} operation
 * @param {SpanKind} kind
 * @param {import("@natswire/node").OutgoingMessage} message
 * @param {() => Result} next
 */
function send(operation, kind, { connection, subject, payload, headers }, next) {
  // Each inbox is used once: its name tells nothing.
  const isAnswer = subject.startsWith(`${connection.inboxPrefix}.`);
  const name = isAnswer ? "answer" : `${operation} ${subject}`;
  const attributes = attributesOf(operation, subject, payload);
  return inSpan(name, { kind, attributes }, context.active(), () => {
    propagation.inject(context.active(), headers, {
      set: (to, key, value) => to.set(key, value),
    });
    return next();
  });
}

/** @type {import("@natswire/node").ConnectionHooks} */
export const hooks = {
  publish: (message, next) => send("publish", SpanKind.PRODUCER, message, next),
  request: (message, next) => send("request", SpanKind.CLIENT, message, next),
  deliver({ subscription, message }, next) {
    const { subject } = subscription;
    const parent = propagation.extract(ROOT_CONTEXT, message.headers, {
      get: (from, key) => from?.get(key, "ignoreCase"),
      keys: (from) => Array.from(from ?? [], ([key]) => key),
    });
    const attributes = attributesOf("process", message.subject, message.payload);
    const options = { kind: SpanKind.CONSUMER, attributes };
    return inSpan(`process ${subject}`, options, parent, next);
  },
};

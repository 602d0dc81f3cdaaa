// SPDX-License-Identifier: Apache-2.0

/**
 * The errors of the API, by the names that nats-server has for them: HTTP-like code, error code, text. `{name}` is replaced.
 *
 * @see https://github.com/nats-io/nats-server/blob/main/server/errors.json
 */
export const apiErrors = {
  JSBadRequest: [400, 10003, "bad request"],
  JSInvalidJSON: [400, 10025, "invalid JSON"],
  JSNotEnabled: [503, 10076, "JetStream not enabled"],
  JSNotEnabledForAccount: [503, 10039, "JetStream not enabled for account"],
  JSStreamNotFound: [404, 10059, "stream not found"],
  JSConsumerNotFound: [404, 10014, "consumer not found"],
} as const;

/** The name of an error of the API. */
export type ApiErrorName = keyof typeof apiErrors;

/** An error as it is written in answers. */
export interface ApiErrorBody {
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}

/** A request that is answered with an error. */
export class ApiFailure extends Error {
  readonly body: ApiErrorBody;

  /** @param values what replaces each `{name}` in the text */
  constructor(name: ApiErrorName, values: Readonly<Record<string, string | number>> = {}) {
    const [code, errCode, text] = apiErrors[name];
    const description = text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
    super(description);
    this.name = "ApiFailure";
    this.body = { code, err_code: errCode, description };
  }
}

// SPDX-License-Identifier: Apache-2.0
import { consumerErrors } from "./consumer-errors.ts";

/**
 * The errors of the API, by the names that nats-server has for them: HTTP-like code, error code, text. `{name}` is replaced.
 *
 * @see https://github.com/nats-io/nats-server/blob/main/server/errors.json
 */
export const apiErrors = {
  JSAccountResourcesExceeded: [400, 10002, "resource limits exceeded for account"],
  JSAtomicPublishDisabled: [400, 10174, "atomic publish is disabled"],
  JSBadRequest: [400, 10003, "bad request"],
  JSClusterRequired: [503, 10010, "JetStream clustering support required"],

  JSInsufficientResources: [503, 10023, "insufficient resources"],
  JSInvalidJSON: [400, 10025, "invalid JSON: {err}"],
  JSMessageIncrDisabled: [400, 10168, "message counters is disabled"],
  JSMessageSchedulesDisabled: [400, 10188, "message schedules is disabled"],
  JSMessageTTLDisabled: [400, 10166, "per-message TTL is disabled"],
  JSMessageTTLInvalid: [400, 10165, "invalid per-message TTL"],
  JSMirrorInvalidStreamName: [400, 10142, "mirrored stream name is invalid"],
  JSMirrorInvalidSubjectFilter: [400, 10151, "mirror transform source: {err}"],
  JSMirrorInvalidTransformDestination: [400, 10154, "mirror transform: {err}"],
  JSMirrorMaxMessageSizeTooBig: [400, 10030, "stream mirror must have max message size >= source"],
  JSMirrorMultipleFiltersNotAllowed: [
    400,
    10150,
    "mirror with multiple subject transforms cannot also have a single subject filter",
  ],
  JSMirrorOverlappingSubjectFilters: [400, 10152, "mirror subject filters can not overlap"],
  JSMirrorWithFirstSeq: [400, 10143, "stream mirrors can not have first sequence configured"],
  JSMirrorWithSources: [400, 10031, "stream mirrors can not also contain other sources"],
  JSMirrorWithSubjects: [400, 10034, "stream mirrors can not contain subjects"],
  JSNoMessageFound: [404, 10037, "no message found"],
  JSNotEmptyRequest: [400, 10038, "expected an empty request payload"],
  JSPedantic: [400, 10157, "pedantic mode: {err}"],
  JSReplicasCountCannotBeNegative: [400, 10133, "replicas count cannot be negative"],
  JSSequenceNotFound: [400, 10043, "sequence {seq} not found"],
  JSSourceDuplicateDetected: [400, 10140, "duplicate source configuration detected"],
  JSSourceInvalidStreamName: [400, 10141, "sourced stream name is invalid"],
  JSSourceInvalidSubjectFilter: [400, 10145, "source transform source: {err}"],
  JSSourceInvalidTransformDestination: [400, 10146, "source transform: {err}"],
  JSSourceMaxMessageSizeTooBig: [400, 10046, "stream source must have max message size >= target"],
  JSSourceMultipleFiltersNotAllowed: [
    400,
    10144,
    "source with multiple subject transforms cannot also have a single subject filter",
  ],
  JSSourceOverlappingSubjectFilters: [400, 10147, "source filters can not overlap"],
  JSStreamCreate: [500, 10049, "{err}"],
  JSStreamHeaderExceedsMaximum: [400, 10097, "header size exceeds maximum allowed of 64k"],
  JSStreamInvalidConfig: [500, 10052, "{err}"],
  JSStreamMessageExceedsMaximum: [400, 10054, "message size exceeds maximum allowed"],
  JSStreamMirrorNotUpdatable: [400, 10055, "stream mirror configuration can not be updated"],
  JSStreamMismatch: [400, 10056, "stream name in subject does not match request"],
  JSStreamMsgDeleteFailed: [500, 10057, "{err}"],
  JSStreamNameContainsPathSeparators: [400, 10128, "Stream name can not contain path separators"],
  JSStreamNameExist: [400, 10058, "stream name already in use with a different configuration"],
  JSStreamNotFound: [404, 10059, "stream not found"],
  JSStreamNotMatch: [400, 10060, "expected stream does not match"],
  JSStreamPurgeFailed: [500, 10110, "{err}"],
  JSStreamReplicasNotSupported: [500, 10074, "replicas > 1 not supported in non-clustered mode"],
  JSStreamRollupFailed: [500, 10111, "{err}"],
  JSStreamSealed: [400, 10109, "invalid operation on sealed stream"],
  JSStreamSnapshot: [500, 10064, "snapshot failed: {err}"],
  JSStreamStoreFailed: [503, 10077, "{err}"],
  JSStreamSubjectOverlap: [400, 10065, "subjects overlap with an existing stream"],
  JSStreamTransformInvalidDestination: [400, 10156, "stream transform: {err}"],
  JSStreamTransformInvalidSource: [400, 10155, "stream transform source: {err}"],
  JSStreamUpdate: [500, 10069, "{err}"],
  JSStreamWrongLastMsgID: [400, 10070, "wrong last msg ID: {id}"],
  JSStreamWrongLastSequence: [400, 10071, "wrong last sequence: {seq}"],
} as const;

const allErrors: Readonly<Record<ApiErrorName, readonly [code: number, errCode: number, text: string]>> = {
  ...apiErrors,
  ...consumerErrors,
};

/** The name of an error of the API. */
export type ApiErrorName = keyof typeof apiErrors | keyof typeof consumerErrors;

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
    const [code, errCode, text] = allErrors[name];
    const description = text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
    super(description);
    this.name = "ApiFailure";
    this.body = { code, err_code: errCode, description };
  }
}

// SPDX-License-Identifier: Apache-2.0
import { isPattern } from "@natswire/codec";
import { ApiFailure } from "../api/api-failure.ts";
import type { StreamConfig } from "./stream-config.ts";
import { subjectTransform, TransformError } from "./subject-transform.ts";

/** Looks up the configuration of another stream of the account. */
export type Lookup = (name: string) => StreamConfig | undefined;

/** Returns the failure for a configuration that is not valid. */
export function invalidConfig(err: string): ApiFailure {
  return new ApiFailure("JSStreamInvalidConfig", { err });
}

/** Returns whether a text can name a stream or a consumer. */
export function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && !/[\s.*>]/.test(name);
}

/** Checks the subjects of a transform, a mirror or a source. */
export function checkTransform(
  transform: { readonly src?: string; readonly dest?: string },
  wrongSource: "JSStreamTransformInvalidSource" | "JSMirrorInvalidSubjectFilter" | "JSSourceInvalidSubjectFilter",
  wrongDestination:
    | "JSStreamTransformInvalidDestination"
    | "JSMirrorInvalidTransformDestination"
    | "JSSourceInvalidTransformDestination",
): void {
  const { src = "", dest = "" } = transform;
  if (src !== "" && !isPattern(src)) throw new ApiFailure(wrongSource, { err: `invalid subject ${src}` });
  try {
    subjectTransform({ src, dest });
  } catch (error) {
    if (error instanceof TransformError) throw new ApiFailure(wrongDestination, { err: error.message });
    throw error;
  }
}

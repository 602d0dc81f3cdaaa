// SPDX-License-Identifier: Apache-2.0
import { connectFields, type Fields, fieldsOf, formatJson, infoFields } from "../info.ts";

/** The fields of `LinkInfo`. */
export const linkInfoFields: Fields = /* @__PURE__ */ (() =>
  new Map([
    ...infoFields,
    ...fieldsOf({
      string: "route_account gateway gateway_url gateway_cmd_payload",
      integer: "route_pool_size route_pool_idx gossip_mode gateway_cmd",
      boolean: "lnoc lnocu ln info_on_connect gateway_nrp gateway_iom",
      strings: "leafnode_urls gateway_urls",
    }),
  ]))();

/** The fields of `LinkConnect`. */
export const linkConnectFields: Fields = /* @__PURE__ */ (() =>
  new Map([
    ...connectFields,
    ...fieldsOf({
      string: "cluster gateway server_id domain compression remote_account",
      boolean: "cluster_dynamic lnoc lnocu ln is_hub jetstream",
      strings: "deny_pub",
    }),
  ]))();

/**
 * Returns a copy of the argument of INFO or CONNECT, whose known fields were checked.
 *
 * @throws UsageError BAD_FIELD if it is not an object, or a known field has another type
 */
export function checkedJson(verb: string, source: unknown, fields: Fields): unknown {
  return JSON.parse(formatJson(verb, source as object, fields, source as object));
}

// SPDX-License-Identifier: Apache-2.0
import type { Handlers } from "./request.ts";

/** The API of the account. */
export const accountApi: Handlers = {
  INFO: [
    "account_info",
    ({ account }) => {
      const { memory, streams, consumers, api } = account.usage;
      return {
        memory,
        storage: 0,
        reserved_memory: 0,
        reserved_storage: 0,
        streams,
        consumers,
        limits: {
          max_memory: -1,
          max_storage: -1,
          max_streams: -1,
          max_consumers: -1,
          max_ack_pending: -1,
          memory_max_stream_bytes: -1,
          storage_max_stream_bytes: -1,
          max_bytes_required: false,
        },
        api,
      };
    },
  ],
};

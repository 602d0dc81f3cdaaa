// SPDX-License-Identifier: Apache-2.0
export { listen } from "./listen.ts";
export { serve } from "./serve.ts";

// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  base: "./",
  build: mode === "development" ? { minify: false, rollupOptions: { treeshake: false } } : {},
}));

// SPDX-License-Identifier: Apache-2.0
// What React Native's configuration sets too.
module.exports = {
  transformer: { babelTransformerPath: require.resolve("@react-native/metro-babel-transformer") },
  resolver: {
    sourceExts: ["js", "mjs", "cjs", "json"],
    resolverMainFields: ["react-native", "browser", "main"],
    unstable_conditionNames: ["react-native"],
  },
};

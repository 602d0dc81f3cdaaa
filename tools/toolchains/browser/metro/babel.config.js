// SPDX-License-Identifier: Apache-2.0
module.exports = { presets: ["module:@react-native/babel-preset"] };

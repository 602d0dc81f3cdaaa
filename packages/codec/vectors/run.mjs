// Runs the vectors on a decoder. To test another decoder, replace `read`.
import { readFileSync } from "node:fs";
import { clientFrames, Decoder, serverFrames } from "@natswire/codec";
import { gatewayFrames, leafFrames, routeFrames } from "@natswire/codec/cluster";

function read(bytes, grammar, limits) {
  const decoder = new Decoder(grammar, limits);
  const frames = [];
  decoder.push(bytes);
  try {
    for (const frame of decoder) frames.push(frame);
  } catch ({ code, offset }) {
    return { frames, fault: { code, offset } };
  }
  return { frames };
}

// One character is one byte. A name or token that is not UTF-8 is an object in the vectors; our decoder returns lone surrogates.
const format = (reading) =>
  JSON.stringify(reading, (_, field) => (field instanceof Uint8Array ? latin1(field) : field));
const latin1 = (bytes) => Buffer.from(bytes).toString("latin1");
const opaque = ({ bytes }) => bytes.replace(/[\x80-\xff]/g, (c) => String.fromCharCode(0xdc00 + c.charCodeAt(0)));
const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url)), (_, x) => (x?.bytes ? opaque(x) : x));

const grammars = {
  "server-frames": () => serverFrames,
  "client-frames": () => clientFrames,
  "route-frames": routeFrames,
  "leaf-frames": () => leafFrames,
  "gateway-frames": () => gatewayFrames,
};
for (const [file, grammarOf] of Object.entries(grammars)) {
  const { cases } = vectors(file);
  const passed = cases.filter(({ name, input, limits, route, frames, fault }) => {
    const same = format(read(Buffer.from(input, "latin1"), grammarOf(route), limits)) === format({ frames, fault });
    if (!same) console.log(`wrong result: ${file} ${name}`);
    return same;
  });
  console.log(`${file}: ${passed.length} of ${cases.length}`);
}

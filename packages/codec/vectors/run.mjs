// Runs the vectors on a decoder: put your own in the place of `read`, the rest stays as it is.
import { readFileSync } from "node:fs";
import { clientFrames, Decoder, serverFrames } from "@natswire/codec";

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

// Bytes are written as one character each; a token that is not UTF-8 is an object, and lone surrogates in our decoder.
const shown = (reading) => JSON.stringify(reading, (_, field) => (field instanceof Uint8Array ? latin1(field) : field));
const latin1 = (bytes) => Buffer.from(bytes).toString("latin1");
const opaque = ({ bytes }) => bytes.replace(/[\x80-\xff]/g, (c) => String.fromCharCode(0xdc00 + c.charCodeAt(0)));
const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url)), (_, x) => (x?.bytes ? opaque(x) : x));

for (const [file, grammar] of Object.entries({ "server-frames": serverFrames, "client-frames": clientFrames })) {
  const { cases } = vectors(file);
  const right = cases.filter(({ name, input, limits, frames, fault }) => {
    const same = shown(read(Buffer.from(input, "latin1"), grammar, limits)) === shown({ frames, fault });
    if (!same) console.log(`not as the vectors say: ${file} ${name}`);
    return same;
  });
  console.log(`${file}: ${right.length} of ${cases.length}`);
}

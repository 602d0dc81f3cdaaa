// @ts-check
// Finds the system programs that the tests use, and installs missing ones if it may. A missing program is an error,
// never a skipped test.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @type {readonly { program: string, debian: string, env?: string }[]} */
const programs = [
  { program: "nats-server", debian: "nats-server", env: "NATS_SERVER" },
  { program: "chromium", debian: "chromium", env: "CHROMIUM" },
  { program: "telnet", debian: "telnet" },
  { program: "openssl", debian: "openssl" },
  { program: "script", debian: "bsdutils" },
  { program: "python3", debian: "python3" },
];

const missing = programs.filter((one) => !isInstalled(one));
if (missing.length > 0) install(missing.map(({ debian }) => debian));
for (const { program, debian } of programs.filter((one) => !isInstalled(one))) {
  console.error(`${program} is not installed: run apt-get install ${debian}`);
  process.exitCode = 1;
}

/** @param {{ program: string, env?: string }} one */
function isInstalled({ program, env }) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const places = folders.map((folder) => join(folder, program));
  const named = env === undefined ? undefined : process.env[env];
  return (named === undefined ? places : [named]).some(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string[]} packages */
function install(packages) {
  const command = `apt-get -qq update && apt-get -qq install -y --no-install-recommends ${packages.join(" ")}`;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync("sudo", ["-n", "true"]).status !== 0) {
    console.error(`not installed: ${packages.join(", ")}. The tests need them; run:\n  sudo sh -c '${command}'`);
    process.exit(1);
  }
  console.log(`installing ${packages.join(", ")}`);
  // Runlevel 1 stops the nats-server package from starting a server.
  const shell = `export RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive; ${command}`;
  spawnSync(root ? "sh" : "sudo", root ? ["-c", shell] : ["-n", "sh", "-c", shell], { stdio: "inherit" });
}

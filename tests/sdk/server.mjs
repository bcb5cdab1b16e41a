// One server for the tests of the JavaScript SDK: the real binary on a port
// that the system chooses, with a data directory of its own.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function binary() {
  if (process.env.HEDDLE_BIN) return resolve(process.env.HEDDLE_BIN);
  const built = ["release", "debug"].map((kind) =>
    join(root, "build", kind, "heddle"),
  );
  return built.find(existsSync) ?? built[0];
}

function environment() {
  const ours = /^(HEDDLE_|BG_JOB_|N_JOBS_)/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return Object.fromEntries(kept);
}

// What `probe` resolves to, once it is truthy.
export async function eventually(probe, within = 10_000) {
  const until = Date.now() + within;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > until) throw new Error(`not within ${within} ms`);
    await sleep(10);
  }
}

export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "heddle-sdk-"));
  const python = process.env.HEDDLE_TEST_PYTHON ?? "python3";
  const options = {
    config: join(root, "tests/graphs/langgraph.json"),
    host: "127.0.0.1",
    port: 0,
    data: join(folder, "data"),
    python,
    workers: 2,
    "stop-grace": "0.5s",
    "log-format": "text",
  };
  const words = Object.entries(options).flatMap(([k, v]) => [`--${k}`, `${v}`]);
  const child = spawn(binary(), ["serve", ...words], { env: environment() });
  let said = "";
  for (const pipe of [child.stdout, child.stderr])
    pipe.on("data", (data) => (said += data));
  const found = await eventually(() => {
    if (child.exitCode !== null) throw new Error(said);
    return said.match(/http:\/\/127\.0\.0\.1:(\d+)/);
  }, 20_000);
  return {
    url: found[0],
    port: Number(found[1]),
    folder,
    log: () => said,
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// What a graph wrote with `tests/graphs/marks.py`, without the ticks.
export function marks(path) {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ").slice(2).join(" "))
    .filter((what) => what !== "tick");
}

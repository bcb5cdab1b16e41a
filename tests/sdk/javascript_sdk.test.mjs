// Everything that a JavaScript program does with the official SDK.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Client } from "@langchain/langgraph-sdk";

import { cuttingProxy } from "./cutting.mjs";
import { eventually, marks, startServer } from "./server.mjs";

let server;
let client;
let count = 0;

before(async () => {
  server = await startServer();
  client = new Client({ apiUrl: server.url });
});
after(() => server?.stop());

const freshMark = () => join(server.folder, `marks.${(count += 1)}`);
const newThread = async () => (await client.threads.create()).thread_id;
const live = (run) => ["pending", "running"].includes(run.status);

// A run that is in its node `work`.
async function executing(graph = "slow", thread) {
  const mark = freshMark();
  const input = { secs: 30, tag: "slow", mark };
  thread ??= await newThread();
  const run = await client.runs.create(thread, graph, { input });
  await eventually(() => marks(mark).includes("work"));
  return { thread, run: run.run_id, mark, input };
}

async function ended(thread, run) {
  const over = await eventually(async () => {
    const now = await client.runs.get(thread, run);
    return live(now) ? null : now;
  });
  return over.status;
}

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const names = (parts) => parts.map((part) => part.event);

const isNotFound = (error) => {
  assert.equal(error.status, 404);
  return true;
};

test("assistants are created, found, changed and deleted", async () => {
  const made = await client.assistants.create({
    graphId: "noop",
    metadata: { by: "js" },
    name: "From JavaScript",
  });
  assert.equal(made.name, "From JavaScript");
  const id = made.assistant_id;
  assert.deepEqual(await client.assistants.get(id), made);
  const changed = await client.assistants.update(id, {
    metadata: { more: 1 },
  });
  assert.deepEqual(changed.metadata, { by: "js", more: 1 });
  const found = await client.assistants.search({ metadata: { by: "js" } });
  assert.deepEqual(
    found.map((one) => one.assistant_id),
    [id],
  );
  assert.equal(await client.assistants.count({ metadata: { by: "js" } }), 1);
  await client.assistants.delete(id);
  await assert.rejects(client.assistants.get(id), isNotFound);
});

test("threads are created, searched, copied, updated and deleted", async () => {
  const made = await client.threads.create({ metadata: { by: "js" } });
  const thread = made.thread_id;
  assert.equal(made.status, "idle");
  await client.threads.update(thread, { metadata: { more: "js" } });
  await client.runs.wait(thread, "stepper", { input: { total: 3 } });
  const found = await client.threads.search({ metadata: { more: "js" } });
  assert.deepEqual(
    found.map((one) => one.thread_id),
    [thread],
  );
  assert.deepEqual(found[0].values.log, [1, 2, 3]);
  const state = await client.threads.getState(thread);
  assert.deepEqual(state.values.log, [1, 2, 3]);
  const history = await client.threads.getHistory(thread);
  assert.equal(history.length, 5);
  const past = await client.threads.getState(thread, history[1].checkpoint);
  assert.deepEqual(past.values.log, [1, 2]);
  await client.threads.updateState(thread, {
    values: { n: 7 },
    asNode: "tick",
  });
  assert.equal((await client.threads.getState(thread)).values.n, 7);
  const copy = await client.threads.copy(thread);
  assert.notEqual(copy.thread_id, thread);
  await client.threads.delete(thread);
  await assert.rejects(client.threads.get(thread), isNotFound);
});

test("a run is created, joined, listed and deleted", async () => {
  const thread = await newThread();
  const run = await client.runs.create(thread, "slow", {
    input: { secs: 0.2 },
    metadata: { m: 1 },
  });
  const values = await client.runs.join(thread, run.run_id);
  assert.deepEqual(values.log, ["pre", "work", "after"]);
  assert.equal((await client.runs.get(thread, run.run_id)).status, "success");
  assert.equal((await client.runs.list(thread)).length, 1);
  await client.runs.delete(thread, run.run_id);
  assert.deepEqual(await client.runs.list(thread), []);
});

test("runs without a thread are waited for, streamed and batched", async () => {
  const input = { x: 1 };
  const done = await client.runs.wait(null, "noop", { input });
  assert.deepEqual(done, { x: 1, log: ["noop"] });
  const parts = await all(client.runs.stream(null, "noop", { input }));
  assert.deepEqual(names(parts), ["metadata", "values", "values"]);
  const batch = await client.runs.createBatch(
    [1, 2, 3].map((x) => ({ assistantId: "noop", input: { x } })),
  );
  assert.equal(batch.length, 3);
});

test("wait throws what the graph raised", async () => {
  await assert.rejects(
    client.runs.wait(await newThread(), "fails", { input: { how: "value" } }),
    /ValueError: a bad value/,
  );
});

test("a stream tells who it is, and carries its modes", async () => {
  const thread = await newThread();
  const created = [];
  const parts = await all(
    client.runs.stream(thread, "chat", {
      input: { messages: [{ role: "user", content: "hi" }] },
      streamMode: ["values", "messages-tuple", "updates"],
      onRunCreated: (run) => created.push(run),
    }),
  );
  assert.equal(created[0].thread_id, thread);
  assert.equal(created[0].run_id, parts[0].data.run_id);
  const text = parts
    .filter((part) => part.event === "messages")
    .map((part) => part.data[0].content)
    .join("");
  assert.equal(text, "one two three");
  assert.equal(parts.at(-1).event, "values");
});

test("a resumable stream survives a bad network", async () => {
  const proxy = await cuttingProxy(server.port, 2, 3000);
  try {
    const through = new Client({ apiUrl: proxy.url });
    const parts = await all(
      through.runs.stream(await newThread(), "tokens", {
        input: { count: 200, pause: 0.01 },
        streamMode: ["custom", "values"],
        streamResumable: true,
      }),
    );
    const tokens = parts
      .filter((part) => part.event === "custom")
      .map((part) => part.data.token);
    assert.deepEqual(tokens, [...Array(200).keys()]);
    assert.equal(proxy.left, 0);
    assert.equal(parts.at(-1).event, "values");
  } finally {
    proxy.close();
  }
});

test("joinStream replays after an id", async () => {
  const thread = await newThread();
  const { run_id: run } = await client.runs.create(thread, "tokens", {
    input: { count: 5 },
    streamMode: ["custom"],
    streamResumable: true,
  });
  const full = await all(
    client.runs.joinStream(thread, run, { lastEventId: "-1" }),
  );
  assert.equal(full.length, 6);
  const rest = await all(
    client.runs.joinStream(thread, run, { lastEventId: full[2].id }),
  );
  assert.deepEqual(rest, full.slice(3));
});

test("a question is answered", async () => {
  const thread = await newThread();
  const asked = await client.runs.wait(thread, "human", { input: {} });
  assert.deepEqual(asked.__interrupt__[0].value, { q: "ok?" });
  const done = await client.runs.wait(thread, "human", {
    command: { resume: "yes" },
  });
  assert.deepEqual(done.log, ["answer:yes", "work"]);
});

for (const wait of [false, true])
  test(`one run is cancelled, wait=${wait}`, async () => {
    const { thread, run, mark } = await executing();
    await client.runs.cancel(thread, run, wait);
    if (wait)
      assert.equal((await client.runs.get(thread, run)).status, "interrupted");
    assert.equal(await ended(thread, run), "interrupted");
    assert.deepEqual((await client.threads.getState(thread)).next, ["work"]);
    assert.ok(!marks(mark).includes("after"));
    await assert.rejects(client.runs.cancel(thread, run), isNotFound);
  });

test("a run that does not yield is cancelled too", async () => {
  const { thread, run } = await executing("swallow");
  await client.runs.cancel(thread, run, true);
  assert.equal((await client.runs.get(thread, run)).status, "interrupted");
});

test("one run is rolled back", async () => {
  const thread = await newThread();
  await client.runs.wait(thread, "noop", { input: { x: 1 } });
  const state = await client.threads.getState(thread);
  const { run } = await executing("slow", thread);
  await client.runs.cancel(thread, run, true, "rollback");
  await assert.rejects(client.runs.get(thread, run), isNotFound);
  assert.deepEqual(await client.threads.getState(thread), state);
  assert.equal((await client.threads.get(thread)).status, "idle");
});

test("many runs are cancelled by their ids", async () => {
  const { thread, run, input } = await executing();
  const queued = await client.runs.create(thread, "slow", { input });
  await client.runs.cancelMany({
    threadId: thread,
    runIds: [run, queued.run_id],
    action: "interrupt",
  });
  assert.equal(await ended(thread, run), "interrupted");
  assert.equal(await ended(thread, queued.run_id), "interrupted");
});

test("runs are cancelled by status", async () => {
  const { thread, run } = await executing();
  await client.runs.cancelMany({ status: "all" });
  assert.equal(await ended(thread, run), "interrupted");
  await assert.rejects(client.runs.cancelMany({ status: "all" }), isNotFound);
});

test("a cancelled stream ends without an error", async () => {
  const mark = freshMark();
  const thread = await newThread();
  const input = { secs: 30, mark };
  let run;
  const reading = all(
    client.runs.stream(thread, "slow", {
      input,
      onRunCreated: (made) => (run = made.run_id),
    }),
  );
  await eventually(() => marks(mark).includes("work"));
  await client.runs.cancel(thread, run);
  assert.deepEqual(names(await reading), ["metadata", "values", "values"]);
});

test("a stream that is left with onDisconnect cancels its run", async () => {
  const mark = freshMark();
  const thread = await newThread();
  const leaving = new AbortController();
  let run;
  const reading = all(
    client.runs.stream(thread, "slow", {
      input: { secs: 30, mark },
      onDisconnect: "cancel",
      signal: leaving.signal,
      onRunCreated: (made) => (run = made.run_id),
    }),
  ).catch(() => {});
  await eventually(() => marks(mark).includes("work"));
  leaving.abort();
  await reading;
  assert.equal(await ended(thread, run), "interrupted");
});

test("multitask strategies reject, interrupt and roll back", async () => {
  const { thread, run, input } = await executing();
  const quick = { ...input, secs: 0 };
  await assert.rejects(
    client.runs.create(thread, "slow", {
      input,
      multitaskStrategy: "reject",
    }),
    (error) => error.status === 409,
  );
  const next = await client.runs.create(thread, "slow", {
    input: quick,
    multitaskStrategy: "interrupt",
  });
  assert.equal(await ended(thread, next.run_id), "success");
  assert.equal((await client.runs.get(thread, run)).status, "interrupted");
  const third = await executing("slow", thread);
  const last = await client.runs.create(thread, "slow", {
    input: quick,
    multitaskStrategy: "rollback",
  });
  assert.equal(await ended(thread, last.run_id), "success");
  await assert.rejects(client.runs.get(thread, third.run), isNotFound);
});

// A proxy that cuts connections: what a bad network does to a stream.

import { connect, createServer } from "node:net";

// Forwards to `port`; ends the first `cuts` connections after `after` bytes.
export function cuttingProxy(port, cuts, after) {
  const state = { left: cuts };
  const listener = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    let passed = 0;
    client.on("data", (data) => server.write(data));
    server.on("data", (data) => {
      passed += data.length;
      client.write(data);
      if (passed > after && state.left > 0) {
        state.left -= 1;
        client.destroy();
        server.destroy();
      }
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  return new Promise((made) => {
    listener.listen(0, "127.0.0.1", () => {
      state.url = `http://127.0.0.1:${listener.address().port}`;
      state.close = () => listener.close();
      made(state);
    });
  });
}

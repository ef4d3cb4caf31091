// A Socket.IO server for the benchmark: two sockets in a room, each text goes to the other one.
// node socketio.js PORT [REDIS_PORT ADAPTER]: with a port of Redis, its adapter (classic or sharded) stands between
// processes. Who asks for an acknowledgement of its text gets one. POST /open opens a conversation: the lobby is told.
"use strict";

const { createServer } = require("node:http");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const installed = createRequire(join(process.env.BENCHMARK_NODE_MODULES, "x.js"));
const { Server } = installed("socket.io");

// What our lobby tells of a conversation that has just opened: as many bytes.
const ROW = {
  bot: "demo", state: "assistant", owner: { kind: "assistant" }, epoch: 1,
  visitor: {
    id: "1a21bb4be79b78b618ee3f42b35", name: "", email: "", locale: "", location: "", device: "",
    page: { url: "", title: "", referrer: "" }, attributes: {}, verified: false, online: false,
  },
  tags: [], updated_at_ms: 1795761160109, closed_at_ms: null, last_sequence: 2, read: { visitor: 0, agent: 0 },
  queue: null, preview: "Hello! How can I help?", preview_from: "assistant", resolution: null, rating: null,
  offline: null, last_agent: null, priority: null, owes_since_ms: null, handoff: null,
};
let opened = 0;

async function main([port, redisPort, kind]) {
  const server = createServer((request, response) => {
    const row = { id: `${process.pid}-${++opened}`, ...ROW, opened_at_ms: Date.now() };
    io.to("lobby").emit("lobby", { changed: [row], removed: [] });
    response.end(JSON.stringify({ conversation: row }));
  });
  const io = new Server(server, { transports: ["websocket"], serveClient: false });
  if (redisPort) {
    const { createAdapter, createShardedAdapter } = installed("@socket.io/redis-adapter");
    const { createClient } = installed("redis");
    const publisher = createClient({ url: `redis://127.0.0.1:${redisPort}` });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter((kind === "sharded" ? createShardedAdapter : createAdapter)(publisher, subscriber));
  }
  io.on("connection", (socket) => {
    const { conversation, lobby } = socket.handshake.query;
    if (lobby) return void socket.join("lobby");
    socket.join(conversation);
    socket.on("message", (text, acknowledge) => {
      socket.to(conversation).emit("message", text);
      if (acknowledge) acknowledge();
    });
  });
  server.listen(Number(port), "127.0.0.1");
}

main(process.argv.slice(2));

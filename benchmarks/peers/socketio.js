// A Socket.IO server for the benchmark: two sockets in a room, each text goes to the other one.
// node socketio.js PORT [REDIS_PORT ADAPTER]: with a port of Redis, its adapter (classic or sharded) stands between
// processes. Who asks for an acknowledgement of its text gets one.
"use strict";

const { createServer } = require("node:http");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const installed = createRequire(join(process.env.BENCHMARK_NODE_MODULES, "x.js"));
const { Server } = installed("socket.io");

async function main([port, redisPort, kind]) {
  const server = createServer();
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
    const { conversation } = socket.handshake.query;
    socket.join(conversation);
    socket.on("message", (text, acknowledge) => {
      socket.to(conversation).emit("message", text);
      if (acknowledge) acknowledge();
    });
  });
  server.listen(Number(port), "127.0.0.1");
}

main(process.argv.slice(2));

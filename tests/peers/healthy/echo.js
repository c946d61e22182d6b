// A healthy server: echoes messages with a big-endian length of 4 bytes in front (`>I`).
//
//     node echo.js PORT
"use strict";

const net = require("net");

const LIMIT = 16 * 1024 * 1024; // The longest message that is taken, in bytes.

const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  let pieces = [];
  let got = 0;
  let wanted = 4;

  socket.on("data", (piece) => {
    // What one event brings may be half a message, or three.
    pieces.push(piece);
    got += piece.length;
    if (got < wanted) return;
    let data = Buffer.concat(pieces);
    while (data.length >= 4) {
      const size = data.readUInt32BE(0);
      if (size > LIMIT) return socket.destroy();
      wanted = 4 + size;
      if (data.length < wanted) break;
      // While the client does not read, nothing more is read from it either.
      if (!socket.write(data.subarray(0, wanted))) socket.pause();
      data = data.subarray(wanted);
      wanted = 4;
    }
    pieces = [data];
    got = data.length;
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
  socket.on("error", () => socket.destroy()); // A reset ends this client only.
});

server.listen(Number(process.argv[2]), "127.0.0.1");

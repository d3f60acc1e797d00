// Sends back what comes, to any address of this host, on PORT.
import { createServer } from 'node:net';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {}).pipe(socket);
});
server.listen({ port: Number(process.argv[2]), host: '::', backlog: 4096 });

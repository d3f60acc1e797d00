// Answers each HTTP request to PORT, on any address, with the SHA-256 of its body and the address that it came to.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

const server = createServer(async (request, response) => {
  const hash = createHash('sha256');
  await pipeline(request, hash);
  response.end(`${hash.digest('hex')} ${request.socket.localAddress?.replace('::ffff:', '')}`);
});
server.listen(Number(process.argv[2]), '::');

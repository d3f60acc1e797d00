import { open } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A real server of the demonstration of failover: `file-server.ts PORT FILE MEGABYTES` answers every request with the file, so many megabytes
 * a second.
 */
const [port = '', path = '', rate = ''] = process.argv.slice(2);
const EVERY_MS = 20;
const BYTES = (Number(rate) * 1_000_000 * EVERY_MS) / 1000;

const server = http.createServer(async (_request, response) => {
  const file = await open(path);
  const { size } = await file.stat();
  response.on('error', () => {}).writeHead(200, { 'Content-Length': size });
  const began = performance.now();
  for (let sent = 0; sent < size && !response.destroyed; sent += BYTES) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, sent);
    // Where the client takes nothing, nothing more is read.
    if (!response.write(buffer.subarray(0, bytesRead)))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    await sleep(Math.max(0, began + ((sent + BYTES) / BYTES) * EVERY_MS - performance.now()));
  }
  response.end();
  await file.close();
});
server.listen(Number(port), '0.0.0.0');

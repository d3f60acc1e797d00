import { createHash } from 'node:crypto';
import http from 'node:http';

/**
 * `download-process.ts URL` downloads by one connection. It prints a line of JSON, a Progress, every 100 ms and at the end, and exits with 1
 * where the connection breaks.
 */
const hash = createHash('sha256');
let bytes = 0;

http
  .get(process.argv[2] ?? '', { agent: false }, (response) => {
    const timer = setInterval(() => print(), 100);
    response
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        hash.update(chunk);
      })
      .on('error', fail)
      .on('end', () => {
        clearInterval(timer);
        print(hash.digest('hex'));
      });
  })
  .on('error', fail);

function print(sha256?: string): void {
  console.log(JSON.stringify({ bytes, ...(sha256 !== undefined && { sha256 }) }));
}

function fail(error: Error): void {
  console.error(error.message);
  process.exit(1);
}

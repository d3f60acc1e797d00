import { runVipr } from './run-vipr.ts';

const exitCode = await runVipr(process.argv.slice(2), {
  env: process.env,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
});
// A reader that left (`vipr status | head`) is no reason to stay; pipes and files are written synchronously on Linux.
process.exit(exitCode);

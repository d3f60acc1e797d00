// `npm run build`, and npm's `prepare`; run.mjs bundles before every task, without the declarations. Runs on Node.js 20.

import { build } from './bundle.mjs';
import { ScriptError, say } from './checkout.mjs';
import { declarations } from './declarations.mjs';
import { pinnedProblem } from './runtime.mjs';

try {
  await build();
  // Known here, after npm ci; npm test and npm run demo mend it themselves.
  const problem = pinnedProblem();
  if (problem !== undefined) say(problem);
  declarations();
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

/**
 * vipr against the real IPVS, in guests with Debian's kernels. Part of `npm test`; `npm run test:vm` runs the whole, on both
 * kernels.
 */
import { onEachKernel } from './lab/lab-tests.ts';
import { labSuite } from './suites/lab-suite.ts';
import { schedulingSuite } from './suites/scheduling-suite.ts';

onEachKernel((lab) => {
  labSuite(lab);
  schedulingSuite(lab);
});

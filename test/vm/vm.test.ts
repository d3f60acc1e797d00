/**
 * vipr against the real IPVS, in guests with Debian's kernels. Part of `npm test`; `npm run test:vm` runs the whole, on both
 * kernels.
 */
import { onEachKernel } from './lab/lab-tests.ts';
import { differentialSuite } from './suites/differential-suite.ts';
import { ebpfAgreementSuite } from './suites/ebpf-agreement-suite.ts';
import { ebpfLoadSuite } from './suites/ebpf-load-suite.ts';
import { ebpfTrafficSuite } from './suites/ebpf-traffic-suite.ts';
import { entryPointSuite } from './suites/entry-point-suite.ts';
import { ipvsHealthSuite } from './suites/ipvs-health-suite.ts';
import { keepalivedSuite } from './suites/keepalived-suite.ts';
import { labSuite } from './suites/lab-suite.ts';
import { schedulingSuite } from './suites/scheduling-suite.ts';
import { syncDaemonSuite } from './suites/sync-daemon-suite.ts';
import { syncInteropSuite } from './suites/sync-interop-suite.ts';
import { trafficSuite } from './suites/traffic-suite.ts';
import { transcriptSuite } from './suites/transcript-suite.ts';
import { vrrpAcceptSuite } from './suites/vrrp-accept-suite.ts';

onEachKernel((lab) => {
  entryPointSuite(lab);
  labSuite(lab);
  transcriptSuite(lab);
  schedulingSuite(lab);
  ebpfLoadSuite(lab);
  ebpfAgreementSuite(lab);
  syncInteropSuite(lab);
  // Some minutes more, for the whole.
  if (lab.extent === 'whole') {
    differentialSuite(lab);
    trafficSuite(lab);
    keepalivedSuite(lab);
    ipvsHealthSuite(lab);
    syncDaemonSuite(lab);
    vrrpAcceptSuite(lab);
    ebpfTrafficSuite(lab);
  }
});

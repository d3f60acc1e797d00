import { existsSync } from 'node:fs';
import { aptInstall } from './apt.mjs';
import { say } from './checkout.mjs';

/**
 * What whole test runs use of a Debian machine besides Node.js: a file of each package, by which it is known to be there. Tests that
 * miss something are skipped and say so; this is so that none has to be.
 */
const PACKAGES = {
  bpftool: '/usr/sbin/bpftool',
  'clang-14': '/usr/bin/clang-14',
  curl: '/usr/bin/curl',
  ethtool: '/usr/sbin/ethtool',
  iperf3: '/usr/bin/iperf3',
  iproute2: '/usr/sbin/ip',
  'iputils-ping': '/usr/bin/ping',
  libbpf1: `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libbpf.so.1`,
  'libbpf-dev': '/usr/include/bpf/bpf_helpers.h',
  'linux-libc-dev': '/usr/include/linux/bpf.h',
  'llvm-14': '/usr/bin/llvm-strip-14',
  'nginx-light': '/usr/sbin/nginx',
  procps: '/usr/sbin/sysctl',
  tcpdump: '/usr/bin/tcpdump',
  traceroute: '/usr/sbin/traceroute',
  wrk: '/usr/bin/wrk',
  ...(process.arch === 'x64' && { 'qemu-system-x86': '/usr/bin/qemu-system-x86_64' }),
};

/** Installs what is missing where that can be done: root, on Debian. Elsewhere it says what tests will be left out for. */
export function provideTestPackages() {
  const missing = Object.entries(PACKAGES)
    .filter(([, file]) => !existsSync(file) && !existsSync(file.replace(/^\/usr/, '')))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    say(`the tests use Debian packages that are not there; running ${command}`);
    if (aptInstall(...missing)) return;
    say('that failed: tests that need them are left out, and say so');
  } else {
    say(`tests that need them are left out, and say so; on Debian, as root: ${command}`);
  }
}

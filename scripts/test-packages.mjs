import { provideDebianPackages } from './debian-packages.mjs';

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
  provideDebianPackages(PACKAGES, {
    users: 'the tests use',
    otherwise: 'tests that need packages that are missing are left out, and say so',
  });
}

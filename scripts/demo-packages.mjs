import { provideDebianPackages } from './debian-packages.mjs';

/** What the demonstration uses of a Debian machine as root. Nobody else can make namespaces, and for the relay Node.js is enough. */
const PACKAGES = { iproute2: '/usr/sbin/ip' };

/** For root: installs what is missing, or says what follows. */
export function provideDemoPackages() {
  provideDebianPackages(PACKAGES, {
    users: 'the demonstration makes network namespaces by',
    otherwise: 'without ip it runs on the relay engine, over loopback',
  });
}

import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';
import { startUnpackedServer } from './unpacked-server.ts';

/** The SMTP server of Debian's msmtp-mta at an address of the host; what it is sent it throws away. */
export function startMsmtpd(host: Host, address: string, port = 25): Promise<Program> {
  return startUnpackedServer(host, {
    package: 'msmtp-mta',
    program: 'usr/bin/msmtpd',
    args: [`--interface=${address}`, `--port=${port}`, `--command=${DISCARD}`],
    protocol: 'tcp',
    port,
  });
}

/** For a shell, which puts the recipients behind it. */
const DISCARD = 'cat >/dev/null; :';

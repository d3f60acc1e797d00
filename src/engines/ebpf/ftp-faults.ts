import type { Service } from '../../model/service.ts';
import { type ServiceKey, serviceKey } from '../../model/service.ts';
import type { ServiceFaults } from '../engine.ts';

/** FTP's control connections (RFC 959); the module ip_vs_ftp follows those of this port by default. */
const FTP_PORT = 21;

const PERSISTENT =
  'FTP: what connections say is not read, as ip_vs_ftp would; of masqueraded servers only extended passive data connections ' +
  '(EPSV) arrive. The engine ipvs can do more, on a kernel that has it.';
const NOT_PERSISTENT =
  'FTP: no data connections arrive; with persistence (-p) extended passive ones (EPSV) do. The engine ipvs can do more, on a ' +
  'kernel that has it.';

/** Services of FTP with masqueraded servers, whose data connections would take a look into what control connections say. */
export function ftpFaults(services: readonly Service[]): ServiceFaults {
  return new Map(
    services.filter(isMasqueradedFtp).map(({ id, persistenceTimeout }): [ServiceKey, string] => {
      return [serviceKey(id), persistenceTimeout === undefined ? NOT_PERSISTENT : PERSISTENT];
    }),
  );
}

function isMasqueradedFtp({ id, destinations }: Service): boolean {
  const isFtp = id.kind === 'address' && id.protocol === 'tcp' && id.port === FTP_PORT;
  return isFtp && destinations.some(({ forwarding }) => forwarding === 'masquerade');
}

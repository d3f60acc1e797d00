import type { ServiceOverview } from '../engines/engine.ts';
import type { IpAddress } from '../model/address.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { ServiceStatus } from '../model/table.ts';
import { expectBulk } from './bulk.ts';
import type { Command } from './command.ts';
import { type Labels, NamedLabels, NUMERIC_LABELS } from './format/labels.ts';
import { sortDestinations, sortServices } from './order.ts';
import { Refusal } from './refusal.ts';
import type { Session } from './session.ts';

type ListCommand = Extract<Command, { readonly kind: `list${string}` | 'save' }>;

/** Services from which on a list is much work. */
const BULK = 1000;
/** Characters that are gathered before they are written. */
const CHUNK = 1 << 16;

/** Writes what a list command or `-S` asks for; rejects with a {@link Refusal} where there is no such service. */
export async function list(command: ListCommand, session: Session): Promise<void> {
  switch (command.kind) {
    case 'list':
      return listServices(command, session);
    case 'save':
      return saveServices(command, session);
    case 'list-connections':
      return listConnections(command, session);
    case 'list-timeouts': {
      const { formatTimeouts } = await import('./format/timeouts.ts');
      session.io.stdout(formatTimeouts((await session.engine.snapshot()).timeouts));
      return;
    }
    case 'list-daemons': {
      const { formatDaemons } = await import('./format/daemons.ts');
      session.io.stdout(formatDaemons((await session.engine.snapshot()).daemons));
      return;
    }
    default:
      throw new Error(`cannot list ${command satisfies never}`);
  }
}

async function listServices(
  { service: id, style }: Extract<ListCommand, { kind: 'list' }>,
  { engine, io, names }: Session,
): Promise<void> {
  const [{ formatHead, formatTitle }, { formatService, formatPlainService }] = await Promise.all([
    import('./format/title.ts'),
    import('./format/service-list.ts'),
  ]);
  const labels = style.numeric ? NUMERIC_LABELS : new NamedLabels(names);
  const write = async <S extends ServiceOverview>(
    services: readonly S[],
    format: (service: S) => string,
  ): Promise<void> => {
    io.stdout(formatTitle(style.columns));
    await (style.sorted
      ? writeServices(sortServices(services), labels, io.stdout, (service) => format(sorted(service)))
      : writeServices(services, labels, io.stdout, format));
  };
  const formatStyled = (service: ServiceStatus) => formatService(service, labels, style);
  if (id !== undefined) {
    const found = await engine.service(id);
    if (found === undefined) throw new Refusal('No such service', 1);
    return write([found], formatStyled);
  }
  if (style.columns === 'standard' && engine.overview !== undefined) {
    const [info, services] = await Promise.all([engine.info(), engine.overview()]);
    io.stdout(formatHead(info));
    return write(services, (service) => formatPlainService(service, labels));
  }
  const [info, { services }] = await Promise.all([engine.info(), engine.snapshot()]);
  io.stdout(formatHead(info));
  return write(services, formatStyled);
}

async function saveServices(
  { numeric }: Extract<ListCommand, { kind: 'save' }>,
  { engine, io, names }: Session,
): Promise<void> {
  const { formatSavedService } = await import('./format/save.ts');
  const labels = numeric ? NUMERIC_LABELS : new NamedLabels(names);
  await writeServices(sortServices((await engine.snapshot()).services), labels, io.stdout, (service) =>
    formatSavedService(sorted(service), labels),
  );
}

/** The service with its destinations in order; one at a time as it is written, so that thousands do not pile up. */
function sorted<S extends ServiceOverview>(service: S): S {
  return { ...service, destinations: sortDestinations(service.destinations) };
}

async function writeServices<S extends ServiceOverview>(
  services: readonly S[],
  labels: Labels,
  write: (text: string) => void,
  format: (service: S) => string,
): Promise<void> {
  if (services.length >= BULK) expectBulk();
  if (labels !== NUMERIC_LABELS) await labels.prepare(services.flatMap(addressesOfService));
  let text = '';
  for (const service of services) {
    text += format(service);
    if (text.length < CHUNK) continue;
    write(text);
    text = '';
  }
  if (text !== '') write(text);
}

function addressesOfService({ id, destinations }: ServiceOverview): IpAddress[] {
  const addresses = destinations.map(({ address }) => address);
  return id.kind === 'address' ? [id.address, ...addresses] : addresses;
}

async function listConnections(
  { numeric, persistenceData }: Extract<ListCommand, { kind: 'list-connections' }>,
  { engine, io, names }: Session,
): Promise<void> {
  const { formatConnection, formatConnectionTitle, virtualAddressOf } = await import(
    './format/connections.ts'
  );
  const addressesOf = (entry: ConnectionEntry): IpAddress[] => [
    entry.clientAddress,
    virtualAddressOf(entry),
    entry.destinationAddress,
  ];
  const labels = numeric ? NUMERIC_LABELS : new NamedLabels(names);
  io.stdout(formatConnectionTitle(persistenceData));
  for await (const page of engine.connections()) {
    if (!numeric) await labels.prepare(page.flatMap(addressesOf));
    const text = page.map((entry) => formatConnection(entry, labels, persistenceData)).join('');
    if (text !== '') io.stdout(text);
  }
}

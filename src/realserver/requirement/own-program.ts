import { ViprError } from '../../model/error.ts';
import type { Change } from '../change/change.ts';
import type { DecapsulatorContent, InstalledDecapsulator } from '../decapsulator.ts';
import { familiesOf, ownAddresses, tunnelLinks } from '../host-view.ts';
import { sameTunnel, tunnelName } from '../real-server-settings.ts';
import { USUAL_PIN_DIRECTORY } from '../usual-place.ts';
import type { Requirement, Situation } from './requirement.ts';
import { reversePathRequirement } from './reverse-path.ts';

/** vipr's program sits where tunnelled packets come in, and knows the addresses and the forms of tunnels. */
export function ownProgramRequirements(situation: Situation): readonly Requirement[] {
  const { settings, view } = situation;
  const virtual = new Set<string>(settings.virtualAddresses);
  const interfaces = tunnelLinks(view, settings.interfaces, virtual).map(({ name, index }) => ({
    name,
    index,
  }));
  if (interfaces.length === 0)
    return [
      {
        id: 'decapsulation',
        state: 'wrong',
        text: 'there is no Ethernet interface that is up and has an address for tunnelled packets',
        advice: 'Name the interface where they come in with --interface.',
      },
    ];
  const paths = familiesOf(settings.virtualAddresses).has('inet')
    ? interfaces.map(({ name }) =>
        reversePathRequirement(situation, name, 'as replies may leave by another interface'),
      )
    : [];
  const content: DecapsulatorContent = {
    interfaces,
    virtualAddresses: [...settings.virtualAddresses].sort(),
    ownAddresses: ownAddresses(view, virtual),
    tunnels: settings.tunnels,
  };
  return [...paths, ...programRequirements(situation, content)];
}

function programRequirements(
  { settings, host }: Situation,
  content: DecapsulatorContent,
): readonly Requirement[] {
  const directory = settings.bpfDirectory ?? USUAL_PIN_DIRECTORY;
  let installed: InstalledDecapsulator | undefined;
  try {
    installed = host.decapsulator(directory).read(content.interfaces.map(({ index }) => index));
  } catch (error) {
    if (!(error instanceof ViprError) || error.code !== 'PERMISSION_DENIED') throw error;
    return [
      {
        id: 'decapsulation',
        state: 'unknown',
        text: 'only root may see whether tunnelled packets are taken',
        advice: 'Run the command as root.',
      },
    ];
  }
  const missing = missingOf(content, installed);
  if (missing === undefined) {
    const names = content.interfaces.map(({ name }) => name).join(', ');
    const text = `vipr's program on ${names} takes tunnelled packets (${content.tunnels.map(tunnelName).join(', ')})`;
    return [{ id: 'decapsulation', state: 'ok', text }, ...complaints(installed)];
  }
  const change: Change = { kind: 'decapsulator', directory, ...content };
  return [
    {
      id: 'decapsulation',
      state: 'wrong',
      text: missing,
      advice: 'Run `vipr realserver setup` with --method tunnel.',
      changes: [change],
    },
    ...complaints(installed),
  ];
}

/** What it lacks, as a sentence, or undefined. */
function missingOf(
  content: DecapsulatorContent,
  installed: InstalledDecapsulator | undefined,
): string | undefined {
  if (installed === undefined) return 'nothing takes the outer headers of tunnelled packets off';
  const without = content.interfaces.filter(({ index }) => !installed.attached.includes(index));
  if (without.length > 0)
    return `tunnelled packets are not taken on ${without.map(({ name }) => name).join(', ')}`;
  const unknown = content.tunnels.filter(
    (tunnel) => !installed.tunnels.some((each) => sameTunnel(each, tunnel)),
  );
  if (unknown.length > 0) return `tunnelled packets are not taken: ${unknown.map(tunnelName).join(', ')}`;
  const inner = content.virtualAddresses.filter((each) => !installed.virtualAddresses.includes(each));
  if (inner.length > 0) return `tunnelled packets to ${inner.join(', ')} are not taken`;
  if (content.ownAddresses.join() !== installed.ownAddresses.join())
    return "this host's own addresses have changed since: tunnelled packets to new ones are not taken";
  return installed.outdated ? "vipr's program for tunnelled packets is another version's" : undefined;
}

/** What was met and not taken, from which mistakes elsewhere show. */
function complaints(installed: InstalledDecapsulator | undefined): readonly Requirement[] {
  if (installed === undefined) return [];
  const { counters } = installed;
  const reasons: readonly (readonly [number, string, string])[] = [
    [
      counters.notVirtual,
      'were for addresses that are not virtual ones here',
      'Name those addresses to setup, or remove them from the director.',
    ],
    [
      counters.fragments,
      'were fragments',
      'Raise the MTU between director and servers, so that tunnelled packets fit.',
    ],
    [
      counters.unknownForm,
      'had a form that is not known here',
      'Let the director send GRE without a key, and GUE without remote checksums.',
    ],
    [
      counters.failed,
      'were dropped, as their headers could not be taken off',
      'Switch off receive offloads of the interface (`ethtool -K`), and report it.',
    ],
  ];
  return reasons
    .filter(([packets]) => packets > 0)
    .map(([packets, what, advice]) => ({
      id: 'tunnelled_packets',
      state: 'note',
      text: `of the tunnelled packets so far ${packets} ${what}; ${counters.taken} were taken`,
      advice,
    }));
}

import type { EngineInfo } from '../../engines/engine.ts';
import type { ListColumns } from '../command.ts';

const SERVICE_TITLE = 'Prot LocalAddress:Port';
const DESTINATION_TITLE = '  -> RemoteAddress:Port';

/** The first line of lists of the whole table. */
export function formatHead(info: EngineInfo): string {
  return `IP Virtual Server version ${info.version} (size=${info.connectionTableSize})\n`;
}

/** The two lines of column titles; some end in a blank. */
export function formatTitle(columns: ListColumns): string {
  switch (columns) {
    case 'stats':
      return numberTitle(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']);
    case 'rate':
      return numberTitle(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']);
    case 'thresholds':
      return leftTitle(['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'], 10, 10);
    case 'persistent-conn':
      return leftTitle(['Weight', 'PersistConn', 'ActiveConn', 'InActConn'], 9, 11);
    case 'tun-info':
      return methodTitle('TunnelInfo'.padEnd(14));
    case 'standard':
      return methodTitle('');
    default:
      throw new Error(`no title for ${columns satisfies never}`);
  }
}

function numberTitle(titles: readonly string[]): string {
  const cells = titles.map((title) => ` ${title.padStart(8)}`).join('');
  return `${SERVICE_TITLE.padEnd(33)}${cells}\n${DESTINATION_TITLE}\n`;
}

function leftTitle(titles: readonly string[], first: number, second: number): string {
  const widths = [first, second, 10, 10];
  const cells = titles.map((title, index) => ` ${title.padEnd(widths[index] ?? 0)}`).join('');
  return `${SERVICE_TITLE.padEnd(33)}${cells}\n${DESTINATION_TITLE}\n`;
}

function methodTitle(tunnelTitle: string): string {
  const cells = `${'Forward'.padEnd(8)}${tunnelTitle}${'Weight'.padEnd(7)}${'ActiveConn'.padEnd(11)}InActConn`;
  return `${SERVICE_TITLE} Scheduler Flags\n${DESTINATION_TITLE.padEnd(34)}${cells}\n`;
}

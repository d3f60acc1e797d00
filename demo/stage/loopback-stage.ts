import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '../../test/netns/lab/at-exit.ts';
import { Program } from '../../test/netns/lab/program.ts';
import { freePort } from './free-port.ts';
import { OWNER, type Stage } from './stage.ts';

/** Addresses of loopback, with the relay between them. Needs no rights. */
export async function openLoopbackStage(): Promise<Stage> {
  // All of 127.0.0.0/8 is this machine's: by chance, so that two demonstrations at once have addresses of their own.
  const network = `127.${randomInt(1, 255)}.${randomInt(256)}`;
  const virtualAddress = `${network}.10`;
  const servers = { rs1: `${network}.11`, rs2: `${network}.12`, rs3: `${network}.13` };
  const addresses = [virtualAddress, ...Object.values(servers)];
  const ports = {
    web: await freePort(8080, addresses),
    app: await freePort(8081, addresses),
    dns: await freePort(8053, addresses),
  };
  const directory = mkdtempSync(join(tmpdir(), `vipr-${OWNER}-`));
  const programs = new Set<Program>();
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // Programs end with this process by themselves.
  const disarm = atExit(remove);
  return {
    engine: 'relay',
    about:
      'It balances as an ordinary program, which needs no rights. The client, the virtual services and the servers have addresses\n' +
      `of loopback, ${network}.x.`,
    directory,
    virtualAddress,
    clientAddress: `${network}.2`,
    clientBinds: `${network}.2`,
    serverAddress: servers,
    ports,
    settings: ['engine: relay'],
    environment: {},
    wrapper: () => [],
    start: (_role, words, environment = {}) => {
      const program = new Program(words, '', environment);
      programs.add(program);
      void program.ended.then(() => programs.delete(program));
      return program;
    },
    close: async () => {
      const ended = [...programs].map(async (program) => {
        program.kill();
        await program.ended;
      });
      await Promise.all(ended);
      remove();
      disarm();
    },
  };
}

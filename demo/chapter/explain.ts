import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import type { Scene } from '../scene.ts';
import { SERVER_NAMES, type ServerName } from '../stage/stage.ts';

const REQUESTS = 3;

/** Which server the client gets, before it asks; and a connection there that stays. */
export async function explain(scene: Scene): Promise<ServerName> {
  heading('Which server does a client get? Ask before it comes');
  const name = await explained(scene);
  const { client, stage, promises } = scene;
  const held = await client.hold(stage.ports.app);
  say('The client opens one connection more, and keeps it.');
  promises.check(`it leads to ${name}, too`, held.answers[name] === 1, describeTally(held));
  return name;
}

/** Whom `vipr explain` names for the client's next connection; that it does come there is checked. */
export async function explained({ shell, client, stage, promises }: Scene): Promise<ServerName> {
  const { clientAddress, virtualAddress, ports, serverAddress } = stage;
  const text = await shell.run(`vipr explain ${clientAddress} ${virtualAddress}:${ports.app}`);
  const told = /: (\S+), by /.exec(text)?.[1];
  const name = SERVER_NAMES.find((each) => `${serverAddress[each]}:${ports.app}` === told);
  if (name === undefined) throw new Error(`vipr explain names no server: ${text}`);
  const tally = await client.http(ports.app, REQUESTS);
  const isTrue = tally.answers[name] === REQUESTS && !text.includes(': likely ');
  promises.check(
    `${REQUESTS} requests of the client: all came to ${name}, as was told`,
    isTrue,
    describeTally(tally),
  );
  return name;
}

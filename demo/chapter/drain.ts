import { heading, say } from '../console.ts';
import { describeTally } from '../promises.ts';
import type { Scene } from '../scene.ts';
import { Follower } from '../shell.ts';
import type { ServerName } from '../stage/stage.ts';
import { explained } from './explain.ts';

/** The server of the connection that stays is taken out without cutting it, and given back. */
export async function drain(scene: Scene, name: ServerName): Promise<void> {
  const { stage, shell, client, promises, director } = scene;
  const address = stage.serverAddress[name];
  const service = scene.serviceName('app');
  heading(`${name} is to be repaired: a drain cuts nobody off`);
  const program = shell.start(`vipr drain ${address} --service '${service}'`);
  const follower = new Follower(program);
  await follower.until((text) => text !== '', 10_000);
  const other = await explained(scene);
  const held = await client.askHeld();
  promises.check(
    `new connections go to ${other}, and the one that was kept is still served by ${name}`,
    other !== name && held.answers[name] === 1,
    describeTally(held),
  );
  say('The client ends that connection now, by a reset. Its entry lives on for 10 s, as in IPVS; then:');
  await client.resetHeld();
  await follower.until((text) => text.includes('drained'), 30_000);
  const { code } = await program.within(10_000);
  const [status] = await director.drains();
  promises.check(
    'the drain ended when the last connection had',
    code === 0 && status?.state === 'drained',
    `exit code ${code}, ${status?.state}`,
  );
  await shell.run(`vipr restore ${address}`);
  const again = await explained(scene);
  promises.check(`${name} is back, and has its clients again`, again === name, `they go to ${again}`);
}

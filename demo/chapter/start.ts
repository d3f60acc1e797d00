import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../../test/netns/lab/program.ts';
import { configuration } from '../configuration.ts';
import { heading, say } from '../console.ts';
import type { Scene } from '../scene.ts';
import { SERVER_NAMES } from '../stage/stage.ts';
import { until } from '../until.ts';

/** Servers, configuration, director. What runs then is `vipr up`. */
export async function start(scene: Scene): Promise<Program> {
  const { stage, shell, director } = scene;
  const { web, app, dns } = stage.ports;
  heading('Three real servers, and a vipr.yaml for them');
  await Promise.all(SERVER_NAMES.map((name) => scene.startServer(name)));
  for (const name of SERVER_NAMES) {
    say(
      `${name}: ${stage.serverAddress[name]}, HTTP on ${web} and ${app}, DNS on ${dns}; answers with its name`,
    );
  }
  writeFileSync(join(stage.directory, 'vipr.yaml'), configuration(stage));
  await shell.run('cat vipr.yaml', { mostLines: 50 });

  heading('The director');
  await shell.run('vipr check vipr.yaml');
  const up = shell.start('vipr up --config vipr.yaml --drain 1 2> vipr.log');
  await until('vipr up answers', async () => {
    if (up.isOver) throw new Error('vipr up has ended');
    const services = await director.health().catch(() => []);
    const checks = services.flatMap(({ destinations }) => destinations.flatMap((each) => each.checks));
    return (
      checks.length > 0 && checks.every(({ checkedAt, state }) => checkedAt !== undefined && state === 'up')
    );
  });
  await shell.run('vipr status | head -n 3');
  return up;
}

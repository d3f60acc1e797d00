import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { say, title } from '../console.ts';
import { summarize } from '../summarize.ts';
import { begin } from './chapter/begin.ts';
import { death } from './chapter/death.ts';
import { comeBack } from './chapter/return.ts';
import { traffic } from './chapter/traffic.ts';
import { VIRTUAL_ADDRESS } from './configuration.ts';
import { HaScene } from './ha-scene.ts';

/** The demonstration of failover: returns the exit code. `keep`: everything runs on at the end, until a signal ends this process. */
export async function performHa({ keep }: { readonly keep: boolean }): Promise<number> {
  const started = performance.now();
  title('vipr, highly available: two directors on the engine ebpf, VRRP, and synchronised connections');
  const scene = await HaScene.open();
  const { lab, lvs1, lvs2, promises } = scene;
  try {
    say(
      `The client, the directors and the servers are network namespaces, ${lab.site}-…, which are gone at the end.`,
    );
    await begin(scene);
    const load = await traffic(scene);
    await death(scene, load);
    await comeBack(scene, load);
    await Promise.all([load.open, load.probe].map((each) => each.close()));
    if (!keep) {
      const codes = [await lvs1.stop(), await lvs2.stop()];
      promises.check(
        'the directors end when they are told to',
        codes.every((code) => code === 0),
        `exit codes ${codes}`,
      );
    }
    const code = summarize(promises, started, 'Next: docs/guide/high-availability.md');
    if (!keep) return code;
    say(`\nIt runs on. In another terminal: export VIPR_SOCKET=${join(lab.directory, 'lvs1.sock')}`);
    say(
      `and then, for example: bin/vipr vrrp; bin/vipr sync; ip netns exec ${lab.client.namespace} curl -o /dev/null http://${VIRTUAL_ADDRESS}/`,
    );
    say('Ctrl-C here ends and removes all of it.');
    await Promise.all([lvs1.ended(), lvs2.ended()]);
    return code;
  } catch (error) {
    say(`\nFAILED: ${error instanceof Error ? error.message : error}\n${logsOf(lab.directory)}`);
    return 1;
  } finally {
    await scene.close();
  }
}

/** The last that the directors said. */
function logsOf(directory: string): string {
  return ['lvs1.log', 'lvs2.log']
    .map((name) => {
      try {
        return `${name}:\n${readFileSync(join(directory, name), 'utf8').trimEnd().split('\n').slice(-10).join('\n')}`;
      } catch {
        return `${name}: there is none`;
      }
    })
    .join('\n');
}

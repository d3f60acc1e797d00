import { heading, say, showOutput } from '../console.ts';
import type { Scene } from '../scene.ts';

/** What Prometheus gets. */
export async function measure(scene: Scene): Promise<void> {
  const { director, promises } = scene;
  heading('Metrics, as Prometheus gets them');
  say('GET /metrics, as by: curl -s --unix-socket "$VIPR_SOCKET" http://vipr/metrics');
  const text = await director.metrics();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const service = `service="${scene.serviceName('web')}"`;
  const shown = samples.filter((line) => {
    return /^vipr_(destination_up|service_connections_total)\{/.test(line) && line.includes(service);
  });
  showOutput(shown.join('\n'));
  const up = samples.filter((line) => /^vipr_destination_up\{.* 1$/.test(line)).length;
  promises.check(
    `${samples.length} samples, among them 9 of servers that are up`,
    up === 9,
    `there are ${up}`,
  );
}

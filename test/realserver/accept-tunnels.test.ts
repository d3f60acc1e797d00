import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lab } from '../netns/lab/lab.ts';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';
import { acceptTunnels, realserver } from './accept-tunnels.ts';

describe('servers of a lab that accept tunnels', { skip: labUnavailable() ?? false, timeout: 60_000 }, () => {
  it('are set up, each with a program of its own', async () => {
    await using lab = await Lab.open({ servers: 2, acceptTunnels: acceptTunnels({ guePort: 6081 }) });
    for (const server of lab.servers) {
      const text = await realserver(server, ['check']);
      assert.match(
        text,
        /^ok {6}vipr's program on eth0 takes tunnelled packets \(ipip, gue port 6081, gre\)$/m,
      );
    }
  });
});

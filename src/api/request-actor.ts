import { AsyncLocalStorage } from 'node:async_hooks';

const actors = new AsyncLocalStorage<string>();

/**
 * Who asked for what runs now: `pid 812 (ipvsadm), uid 0` over the control socket, `192.0.2.7:50123 (token)` over TCP. Undefined where
 * nobody did, or where it is not known. What a request waits for in between, such as a queue, keeps it.
 */
export function currentActor(): string | undefined {
  return actors.getStore();
}

/** Runs something in the name of whoever asked for it. */
export function runAs<T>(actor: string | undefined, work: () => T): T {
  return actor === undefined ? work() : actors.run(actor, work);
}

import { currentActor } from '../api/request-actor.ts';

/** Who asked for what runs now, for logs and events; empty where nobody did. */
export function whoAsked(): { readonly actor?: string } {
  const actor = currentActor();
  return actor === undefined ? {} : { actor };
}

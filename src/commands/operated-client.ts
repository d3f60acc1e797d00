import type { DirectorEvent, OperatedDirector } from '../api/operated-director.ts';

/** What the operator's commands ask of a director. */
export interface OperatedClient
  extends Pick<OperatedDirector, 'health' | 'drain' | 'drains' | 'restore' | 'explain'> {
  /** Events that are remembered, after the one with this id. */
  events(after?: number): Promise<readonly DirectorEvent[]>;
  /** The same, and then those that happen, also of the director that comes after this one, until the client is closed. */
  followEvents(after?: number): AsyncIterable<DirectorEvent>;
}

import type { DestinationKey } from '../../model/destination.ts';
import type { ServiceKey } from '../../model/service.ts';

/** Something that was to be told and was not, or not as it should be; `text` is one line for people. */
export interface NotifyProblem {
  readonly kind: 'script' | 'fifo';
  readonly text: string;
  /** Of a script. */
  readonly service?: ServiceKey;
  readonly destination?: DestinationKey;
}

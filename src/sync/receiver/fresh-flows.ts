import { flowKey } from '../flow-key.ts';
import type { SyncRecord } from '../message/sync-record.ts';

/** A transfer in which more than that many change takes the others as the table has them, until they are told again. */
const MOST_FLOWS = 1_000_000;
/** Of a record that another master told. */
const NO_NUMBER = -1;

/** Connections and templates that were told while a whole table comes: what the table says of them is older. */
export class FreshFlows {
  readonly #numbers = new Map<string, number>();
  #begun: number | undefined;

  /** `number`: which datagram of the table's master told it, if it was one of that. */
  note(record: SyncRecord, number = NO_NUMBER): void {
    if (this.#isInTable(number) || this.#numbers.size >= MOST_FLOWS) return;
    this.#numbers.set(flowKey(record), number);
  }

  /** The table has all that the master told up to the datagram with that number. */
  begin(number: number): void {
    this.#begun = number;
    for (const [key, told] of this.#numbers) if (this.#isInTable(told)) this.#numbers.delete(key);
  }

  has(record: SyncRecord): boolean {
    return this.#numbers.size > 0 && this.#numbers.has(flowKey(record));
  }

  #isInTable(number: number): boolean {
    return number !== NO_NUMBER && this.#begun !== undefined && ((number - this.#begun) | 0) <= 0;
  }
}

import { foldAddress } from '../../../model/address.ts';
import type { SchedulerFlags } from '../../../model/service.ts';
import { BUCKET_BITS } from '../../../scheduling/hash-buckets.ts';
import { hash32 } from '../../../scheduling/hash32.ts';
import { maglevHash } from '../../../scheduling/maglev-table.ts';
import type { SchedulingRequest } from '../../../scheduling/scheduler.ts';
import {
  NO_ID,
  RULE_DH,
  RULE_MH,
  SEGMENT_AT,
  SEGMENT_END_HIGH,
  SEGMENT_END_LOW,
  SEGMENT_SIZE,
  SEGMENT_WORDS,
  SELECTION_BODY,
  SELECTION_LENGTH,
  SELECTION_RULE,
  SELECTION_TOTAL_HIGH,
  SELECTION_TOTAL_LOW,
} from '../layout.gen.ts';

/** The stages `ring` and `hash` as bpf/select_ring.h and bpf/select_hash.h run them, for tests of what is compiled. */
export class SelectionModel {
  words: Uint32Array = new Uint32Array(SELECTION_BODY);
  position = 0;
  placed = 0;
  readonly #isEligible: (id: number) => boolean;

  constructor(isEligible: (id: number) => boolean) {
    this.#isEligible = isEligible;
  }

  place(position: number): void {
    this.position = position;
    this.placed = position;
  }

  /** The id of the choice; a choice in vain leaves the position as it was. */
  chooseOfRing(): number | undefined {
    const total = this.#wide(SELECTION_TOTAL_LOW, SELECTION_TOTAL_HIGH);
    if (total === 0) return undefined;
    let at = this.position % total;
    let steps = 0;
    let tried = 0;
    let segment = this.#segmentOf(at);
    while (steps < total) {
      const { start, end, members, size } = this.#segment(segment);
      const id = this.#body(members + ((at - start) % size));
      if (this.#isEligible(id)) {
        this.position += steps + 1;
        return id;
      }
      tried += 1;
      // A segment whose members were all looked at is left as a whole.
      const step = tried >= size ? end - at : 1;
      at += step;
      steps += step;
      if (at < end) continue;
      tried = 0;
      segment = (segment + 1) % (this.words[SELECTION_LENGTH] ?? 1);
      if (segment === 0) at = 0;
    }
    return undefined;
  }

  chooseOfHash(request: SchedulingRequest, { flag1, flag2 }: SchedulerFlags): number | undefined {
    const rule = this.words[SELECTION_RULE];
    const slots = this.words[SELECTION_LENGTH] ?? 0;
    if (slots === 0) return undefined;
    const port = flag2 && rule !== RULE_DH ? request.clientPort : 0;
    const address = rule === RULE_DH ? request.virtualAddress : request.clientAddress;
    const client = (foldAddress(address) + port) | 0;
    const home = (rule === RULE_MH ? maglevHash(client) : hash32(client, BUCKET_BITS)) % slots;
    const first = this.#body(home);
    if (first === NO_ID) return undefined;
    if (this.#isEligible(first)) return first;
    if (!flag1 || rule === RULE_DH) return undefined;
    for (let step = 0; step < slots; step++) {
      const offset = (step + home) % slots;
      const id = this.#body((rule === RULE_MH ? maglevHash(client + offset) : offset + home) % slots);
      if (id !== NO_ID && this.#isEligible(id)) return id;
    }
    return undefined;
  }

  #segmentOf(position: number): number {
    let segment = 0;
    while (position >= this.#segment(segment).end) segment++;
    return segment;
  }

  #segment(index: number): { start: number; end: number; members: number; size: number } {
    const head = SELECTION_BODY + index * SEGMENT_WORDS;
    const before = head - SEGMENT_WORDS;
    return {
      start: index === 0 ? 0 : this.#wide(before + SEGMENT_END_LOW, before + SEGMENT_END_HIGH),
      end: this.#wide(head + SEGMENT_END_LOW, head + SEGMENT_END_HIGH),
      members: this.words[head + SEGMENT_AT] ?? 0,
      size: this.words[head + SEGMENT_SIZE] ?? 0,
    };
  }

  #body(word: number): number {
    return this.words[SELECTION_BODY + word] ?? NO_ID;
  }

  #wide(low: number, high: number): number {
    return (this.words[low] ?? 0) + (this.words[high] ?? 0) * 2 ** 32;
  }
}

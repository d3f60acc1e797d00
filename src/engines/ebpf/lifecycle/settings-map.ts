import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { decodeSettings, encodeSettings, type SettingsRecord } from '../codec/settings-codec.ts';

/** The map `settings`: read anew for each change, since several parts of the engine each have their own fields of it. */
export class SettingsMap {
  readonly #map: BpfMap;
  readonly #key: Uint8Array;

  constructor(map: BpfMap) {
    this.#map = map;
    this.#key = new Uint8Array(map.keySize);
  }

  read(): SettingsRecord {
    return decodeSettings(this.#map.lookup(this.#key) ?? new Uint8Array(this.#map.valueSize));
  }

  /** Writes nothing where nothing changes. */
  change(change: (before: SettingsRecord) => Partial<SettingsRecord>): void {
    const before = this.read();
    const after = encodeSettings({ ...before, ...change(before) });
    if (!Buffer.from(after).equals(encodeSettings(before))) this.#map.update(this.#key, after);
  }

  setFlag(flag: number, on: boolean): void {
    this.change(({ flags }) => ({ flags: (on ? flags | flag : flags & ~flag) >>> 0 }));
  }
}

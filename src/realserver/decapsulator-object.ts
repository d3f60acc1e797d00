import { readFileSync } from 'node:fs';

/** From src/realserver, and from dist/, where everything is bundled. */
const PLACES = ['../../bpf/decapsulate.bpf.o', '../bpf/decapsulate.bpf.o'];

/** The compiled bpf/decapsulate.bpf.c. */
export function decapsulatorObject(): Uint8Array {
  const [here, bundled] = PLACES.map((place) => new URL(place, import.meta.url));
  try {
    return readFileSync(here as URL);
  } catch {
    return readFileSync(bundled as URL);
  }
}

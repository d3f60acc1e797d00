import type { Table } from '../model/table.ts';
import type { YamlSource } from './yaml-source.ts';

/** Engines that a configuration or a command line can ask for; `auto` leaves the choice to the director. */
export const ENGINE_CHOICES = ['auto', 'ipvs', 'relay', 'memory'] as const;
/** One of {@link ENGINE_CHOICES}. */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** What a configuration file says of the relay; what is absent takes the default of `RelayOptions`. */
export interface RelaySettings {
  /** Whether a connection that its destination refuses goes to another one. */
  readonly retryRefused?: boolean;
  /** Seconds that a destination has to accept a connection. */
  readonly connectTimeout?: number;
}

/** A configuration file, checked. */
export interface Config {
  readonly engine: EngineChoice;
  /** Worker threads of the relay; absent for one a core. */
  readonly workers?: number;
  /** Settings of the relay engine that the file gives. */
  readonly relay: RelaySettings;
  /** Services in the order of the file; destinations the last one first, as if they had been added in its order. */
  readonly table: Table;
  /** The file itself, for the positions of what is found wrong later. */
  readonly source: YamlSource;
}

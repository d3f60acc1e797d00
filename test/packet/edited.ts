import type { Layer, LayerKind } from './layer.ts';

/** For kinds of layers, the fields that are other. */
export type Edits = {
  readonly [Kind in LayerKind]?: Partial<Omit<Extract<Layer, { readonly layer: Kind }>, 'layer'>>;
};

/**
 * The layers with fields changed, each in the outermost layer of its kind: what is expected to come out, said by what went
 * in. Throws where there is no such layer.
 */
export function edited(layers: readonly Layer[], edits: Edits): Layer[] {
  const result = [...layers];
  for (const [kind, fields] of Object.entries(edits)) {
    const at = result.findIndex(({ layer }) => layer === kind);
    const layer = result[at];
    if (layer === undefined) throw new Error(`there is no ${kind} to edit`);
    result[at] = { ...layer, ...fields } as Layer;
  }
  return result;
}

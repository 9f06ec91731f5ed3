import type { Layout } from '../proto/load-parameters.ts';
import type { HostedFeature, HostSpec } from './host-spec.ts';

/** How the features of a model's calls are laid out: all that reading their tensors needs. */
export type HostedLayout = Pick<HostSpec, 'features' | 'tensors' | 'dtype'>;

/**
 * The layout that a caller's load asks for, completed by the wrapper's own file. The caller decides, since it is the one
 * that lays the calls out: its file may have been changed, and reloaded, while the wrapper runs on.
 */
export function layoutOf(spec: HostSpec, asked: Layout | undefined): HostedLayout {
  if (asked === undefined) return { features: spec.features, tensors: spec.tensors, dtype: spec.dtype };
  const { tensors = spec.tensors, dtype = spec.dtype } = asked;
  const numbers = dtype === 'float32' ? 'FP32' : 'FP64';
  return {
    tensors,
    dtype,
    features: asked.features.map(({ name, type, datatype }) => {
      const known = spec.features.find((feature) => feature.name === name && feature.type === type);
      const isText = datatype === undefined ? (known?.datatype ?? textIf(type)) === 'BYTES' : datatype === 'BYTES';
      return { name, type, datatype: isText ? 'BYTES' : numbers };
    }),
  };
}

const textIf = (type: string): HostedFeature['datatype'] => (type === 'string' ? 'BYTES' : 'FP64');

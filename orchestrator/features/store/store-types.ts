/** What a store of the user's own is written with: `import type { … } from 'tandem-serving/store'`. */
export type { FeatureSource, FetchOptions, FieldSpec, Keys, Row, RowSink, SinkOptions, Store } from '../source.ts';
export type { OpenStore, StoreModuleOptions } from './store-module.ts';

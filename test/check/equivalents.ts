import type { Kind, Mutant } from './mutants.ts';

/** Why a mutant is a sound configuration: another one, not a broken one. */
interface Equivalent {
  kind: Kind;
  pattern: string;
  /** What was put there, where only that is sound. */
  put?: RegExp;
  why: string;
}

/** Texts that mean nothing to the language: any other text does as well. */
const FREE_TEXTS: Readonly<Record<string, string>> = {
  project: 'a project may have any name',
  'stores.*.path': 'a folder may have any name',
  'stores.*.username': 'the server knows its users',
  'stores.*.sentinel.name': 'the sentinels know their masters',
  'stores.*.sentinel.username': 'the sentinels know their users',
  'stores.*.sentinel.tls.certificate': 'the file is read by `tandem serve`',
  'stores.*.sentinel.tls.key': 'the file is read by `tandem serve`',
  'stores.*.sentinel.tls.serverName': 'the server knows its name',
  'stores.*.sentinel.tls.authority': 'the file is read by `tandem serve`',
  'stores.*.tls.authority': 'the file is read by `tandem serve`',
  'stores.*.tls.certificate': 'the file is read by `tandem serve`',
  'stores.*.tls.key': 'the file is read by `tandem serve`',
  'stores.*.tls.serverName': 'the server knows its name',
  'stores.*.bucket': 'the server knows its buckets',
  'stores.*.scope': 'the server knows its scopes',
  'stores.*.collection': 'the server knows its collections',
  'stores.*.options.file': 'the module knows its options',
  'views.*.defaults.*': 'a default of a string is any string',
  'views.*.batch.post': 'the API knows its paths',
  'views.*.batch.items': 'the API knows its answers',
  'views.*.batch.match.*': 'the API knows its answers',
  'views.*.timestamp': 'the API knows its answers',
  'views.*.fields.*.at': 'the API knows its answers',
  'views.*.cache.warm': 'the file is opened by `tandem serve`',
  'models.*.warmup.requests': 'the file is opened by `tandem serve`',
  'models.*.features.*.categories.*': 'a category is any string',
  'models.*.features.*.default': 'a default is any string',
  'models.*.aliases.*.name': 'a model may name its columns anyhow',
  'models.*.aliases.*.categories.*': 'a category is any string',
  'models.*.aliases.*.default': 'a default is any string',
  'models.*.outputs.*.from': 'the outputs are those of the model: `check --load` compares them',
  'models.*.wrapper.python': 'the interpreter is started by `check --load`',
  'models.*.wrapper.modelUri': 'the model is opened by `check --load`',
  'dev.fill.*': 'the file is opened by `tandem dev`',
  'dev.run.*': 'the command is run by `tandem dev`',
  'server.stateDir': 'a folder may have any name',
};

const EQUIVALENTS: readonly Equivalent[] = [
  ...Object.entries(FREE_TEXTS).map(([pattern, why]): Equivalent => ({ kind: 'changed word', pattern, why })),
  {
    kind: 'changed word',
    pattern: 'stores.*.sentinel.password',
    put: /^'secret:env:SENTINEL_/,
    why: 'the variable is read when it is used',
  },
  {
    kind: 'changed word',
    pattern: 'stores.*.password',
    put: /^'secret:env:(REDIS|COUCHBASE)_/,
    why: 'the variable is read when it is used',
  },
  {
    kind: 'changed word',
    pattern: 'services.*.headers.*',
    put: /^'secret:env:PRICES_/,
    why: 'the variable is read when it is used',
  },
  {
    kind: 'changed word',
    pattern: 'onDemand.*.function',
    put: /\.py:/,
    why: 'the file is looked for by `tandem check`, and the function in it by `--load`',
  },
  { kind: 'changed word', pattern: 'views.*.get', put: /\{shop\}/, why: 'the API knows its paths' },
  { kind: 'changed word', pattern: 'models.*.wrapper.address', put: /^unix:/, why: 'a socket may have any name' },
  { kind: 'changed word', pattern: 'models.*.features.*.name', put: /^branx$/, why: 'with a `from` any name will do' },
  { kind: 'changed word', pattern: 'services.*.url', put: /URx/, why: 'another variable with the same default' },
  { kind: 'changed word', pattern: 'stores.*.url', put: /URx/, why: 'another variable with the same default' },
  {
    kind: 'changed word',
    pattern: 'stores.*.type',
    put: /^\.\/sqlitx\.ts$/,
    why: 'the file is opened by `tandem serve`',
  },
  {
    kind: 'changed word',
    pattern: 'models.*.wrapper.predictor',
    put: /\.py$/,
    why: 'the predictor is opened by `check --load`',
  },
  ...(['wrong kind', 'null', 'wrong syntax'] as const).map((kind): Equivalent => ({
    kind,
    pattern: 'stores.*.options.file',
    put: /^(\{ wrong: 1 \}|\[wrong\]|42|null|"")$/,
    why: 'the module knows its options',
  })),
  { kind: 'changed word', pattern: 'server.admin.token', why: 'a token is any text of 16 characters' },
  ...[
    'views.*.defaults.*',
    ...['features', 'aliases'].flatMap((list) => [`models.*.${list}.*.default`, `models.*.${list}.*.categories.*`]),
  ].map((pattern): Equivalent => ({ kind: 'wrong syntax', pattern, put: /^""$/, why: 'the empty string is a string' })),
  ...['views.*.batch.items', 'views.*.batch.match.*', 'views.*.timestamp', 'views.*.fields.*.at'].map(
    (pattern): Equivalent => ({ kind: 'wrong syntax', pattern, put: /^""$/, why: 'the JSON Pointer of the whole' }),
  ),
  { kind: 'wrong kind', pattern: 'views.*.key.*', put: /^42$/, why: 'a number is CEL, and a key part may be constant' },
  { kind: 'wrong kind', pattern: 'models.*.features.*.nulls', put: /^42$/, why: 'a code may be any number' },
  { kind: 'wrong kind', pattern: 'models.*.aliases.*.nulls', put: /^42$/, why: 'a code may be any number' },
  { kind: 'wrong kind', pattern: 'onDemand.*.args.*', put: /^42$/, why: 'a number is CEL' },
  {
    kind: 'renamed key',
    pattern: 'onDemand.*.args.*',
    why: 'the function knows its arguments: `check --load` asks it',
  },
  { kind: 'out of range', pattern: 'onDemand.*.default', why: 'a default of a double is any number' },
  { kind: 'wrong kind', pattern: 'models.*.fallback.cel', put: /^42$/, why: 'a number is CEL' },
  { kind: 'null', pattern: 'views.*.onMissing', why: '`null` is one of its words' },
  { kind: 'null', pattern: 'views.*.onError', why: '`null` is one of its words' },
  { kind: 'out of range', pattern: 'views.*.defaults.*', put: /^(-1|9+)$/, why: 'a default of an int64 is any int' },
  ...[
    'services.*.maxConcurrency',
    'stores.*.maxConcurrency',
    'views.*.cache.maxEntries',
    'models.*.outputs.*.column',
    'models.*.topK',
    'limits.instancesInFlight',
  ].map((pattern): Equivalent => ({ kind: 'out of range', pattern, put: /^9+$/, why: 'as much as there is' })),
  { kind: 'renamed key', pattern: 'inputs.instance.*', why: 'an input may have any name where nothing reads it' },
  { kind: 'renamed key', pattern: 'services.*.headers.*', why: 'a header may have any name' },
  { kind: 'renamed key', pattern: 'stores.*.options.file', why: 'the module knows its options' },
  { kind: 'renamed key', pattern: 'views.*.key.*', why: 'a key part of a store is named nowhere else' },
  { kind: 'renamed key', pattern: 'views.*.batch.body.*', why: 'the API knows its bodies' },
  { kind: 'renamed key', pattern: 'models.*', why: 'a model may have any name' },
  { kind: 'renamed key', pattern: 'models.*.outputs.*', why: 'an output may have any name' },
];

/** Texts of the language's own that end with a bracket where nothing opens one: plain text may. */
const ENDS_WITH_BRACKET =
  /^ *(- )?(path|items|timestamp|at|name|from|address|python|modelUri|default|token|stateDir|warm|requests|username|bucket|scope|collection|authority|certificate|key(?=: redis)|serverName): (?!product\.brand|0\.5)[^[\]]+\]$/;

/** Why a mutant is no mistake, or undefined where it is one. A renamed name that is referred to always is. */
export function whyEquivalent({ kind, pattern, put, lines }: Mutant): string | undefined {
  if (kind === 'broken line') {
    if (/^\s*- #.*\]$/.test(put)) return 'the bracket is in a comment';
    return ENDS_WITH_BRACKET.test(put) ? 'a plain text may end with a bracket' : undefined;
  }
  if (kind === 'renamed key' && lines.length > 0 && pattern.endsWith('.*')) return undefined;
  return EQUIVALENTS.find((each) => each.kind === kind && each.pattern === pattern && (each.put?.test(put) ?? true))
    ?.why;
}

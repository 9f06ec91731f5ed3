/** What `tandem check --load` finds by loading a model and reading its file, by code, with the rule in a line. */
export const MODEL_RULES = {
  MODEL_LOAD: 'The predictor of a model loads.',
  MODEL_FEATURES: 'The features of a model are the inputs that its file names, all of them and no others.',
  MODEL_FEATURE_ORDER: 'The features of a model are in the order of the inputs that its file names.',
  MODEL_FEATURE_TYPE: 'A feature is of the type that its model was trained on.',
  MODEL_CATEGORIES: 'The codes of a feature’s categories are those that its model was trained on.',
  MODEL_UNREAD: 'What a model’s file says of its inputs can be read.',
  FUNCTION_FILE: 'The file of a function is there.',
  FUNCTION_LOAD: 'A function is in its file and takes its arguments.',
} as const satisfies Record<string, string>;

export type ModelRule = keyof typeof MODEL_RULES;

import { writeFileSync } from 'node:fs';
import { jsonSchema, readReference } from './json-schema.ts';

// `npm run schema`: config/schema.json from the Zod schema and reference.yaml.
const text = `${JSON.stringify(jsonSchema(readReference()), null, 2)}\n`;
writeFileSync(new URL('./schema.json', import.meta.url), text);

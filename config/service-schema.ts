import { z } from 'zod';
import { duration, secret } from './scalars.ts';

/** One REST API that answers features. Its origin is pinned: views add path and query only. */
export const serviceSchema = z.strictObject({
  url: z.string().min(1),
  headers: z.record(z.string().min(1), secret).default({}),
  timeout: duration.default(100),
  retries: z.int().min(0).max(5).default(0),
  maxConcurrency: z.int().min(1).default(64),
});

import { parseArgs } from 'node:util';
import { credentials, type requestCallback } from '@grpc/grpc-js';
import { Redis } from 'iovalkey';
import { open } from 'lmdb';
import { FEATURES } from '../linear/model.ts';
import type { Body } from '../linear/data.ts';
import { listen, type Reply } from './http.ts';
import { bytesOf, doublesOf, InferenceClient, type InferRequest, type InferResponse } from './open-inference.ts';
import { restItems, type ItemRow, type ReadItems } from './rest-items.ts';

/**
 * The bare stack: what a good engineer writes by hand in an afternoon. node:http, rows from LMDB through JSON.parse, one
 * unary call of the Open Inference Protocol a request, over a Unix socket, with raw contents and a deadline. With
 * `--service`, the items come from a REST API through a cache (rest-items.ts); with `--redis`, all rows by one MGET.
 */
const { values: options } = parseArgs({
  options: {
    store: { type: 'string' },
    model: { type: 'string' },
    service: { type: 'string' },
    redis: { type: 'string' },
  },
});
const FIELDS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9'] as const;
const DEADLINE_MS = 2000;

const store =
  options.store === undefined
    ? undefined
    : open<string, string>({ path: options.store, encoding: 'string', readOnly: true });
const redis = options.redis === undefined ? undefined : new Redis(options.redis);
const client = new InferenceClient(`unix:${options.model}`, credentials.createInsecure());

const readItems: ReadItems =
  options.service === undefined
    ? (instances) => instances.map(({ id }) => readRow(`bench:item:${id}`) as ItemRow)
    : restItems(options.service);

listen((text, reply) => {
  const body = JSON.parse(text) as Body;
  const failed = (error: unknown): void => reply(503, JSON.stringify({ error: String(error) }));
  if (redis !== undefined) return void readByRedis(redis, body, reply).catch(failed);
  const items = readItems(body.instances);
  if (!(items instanceof Promise)) return score(body, items, loadOf(body), reply);
  items.then((fetched) => score(body, fetched, loadOf(body), reply), failed);
});

async function readByRedis(rows: Redis, body: Body, reply: Reply): Promise<void> {
  const keys = body.instances.map(({ id }) => `bench:item:${id}`);
  const texts = await rows.mget(...keys, `bench:context:${body.request.city}`);
  const items = texts.slice(0, -1).map((text) => JSON.parse(text!) as ItemRow);
  score(body, items, (JSON.parse(texts.at(-1)!) as { load: number }).load, reply);
}

function loadOf({ request }: Body): number {
  return (readRow(`bench:context:${request.city}`) as { load: number }).load;
}

function score({ instances }: Body, items: readonly ItemRow[], load: number, reply: Reply): void {
  const matrix = new Float64Array(instances.length * FEATURES);
  items.forEach((item, row) => {
    FIELDS.forEach((field, column) => {
      matrix[row * FEATURES + column] = item[field];
    });
    matrix[row * FEATURES + FIELDS.length] = load;
  });

  const call: InferRequest = {
    model_name: 'linear',
    inputs: [{ name: 'features', datatype: 'FP64', shape: [instances.length, FEATURES] }],
    raw_input_contents: [bytesOf(matrix)],
  };
  const answered: requestCallback<InferResponse> = (error, answer) => {
    if (answer === undefined) reply(503, JSON.stringify({ error: String(error) }));
    else reply(200, JSON.stringify({ predictions: Array.from(doublesOf(answer.raw_output_contents[0])) }));
  };
  client['ModelInfer'](call, { deadline: Date.now() + DEADLINE_MS }, answered);
}

function readRow(key: string): unknown {
  const text = store!.get(key);
  if (text === undefined) throw new Error(`no row ${key}`);
  return JSON.parse(text);
}

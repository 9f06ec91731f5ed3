import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../foundation/errors.ts';
import type { App } from '../../orchestrator/app.ts';
import { ask, askBytes, type Asked, type Told } from './ask.ts';
import { projectFolder, serveProject, wrapProject, type LogLine, type Wrapper } from './serve-project.ts';

const YAML = (server = '') => `
version: 1
project: p
asOf: request.time
inputs:
  request: { time: "timestamp?" }
  instance: { tail: "string?", distance: double }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64 }, required: true }
models:
  sum:
    deadline: 2s
    features: [instance.distance, plane.seats]
    wrapper: { predictor: ./predictor.ts, socketMode: "0600" }
limits: { bodyBytes: 4KiB, instances: 5, instancesInFlight: 8, requestTimeout: 300ms }
telemetry: { logs: { level: silent } }
${server}`;

const PREDICTOR = `
export default class Switches {
  predict({ rows, parameters, matrix }) {
    switch (parameters.mode) {
      case 'throw': throw new Error('planted in /secret/predictor.ts, beside 10.1.2.3');
      case 'hang': return new Promise(() => {});
      case 'nan': return new Float64Array(rows).fill(NaN);
      case 'short': return new Float64Array(rows - 1);
      case 'nothing': return undefined;
      default: return Array.from({ length: rows }, (_, row) => matrix[2 * row] + matrix[2 * row + 1]);
    }
  }
}
`;

const TOKEN = 'a-token-of-the-operator';
const PREDICT = '/v1/models/sum:predict';
const flights = (count: number) => Array.from({ length: count }, () => ({ tail: 'A', distance: 1 }));
const predict = (extra: object = {}): Asked => ({ path: PREDICT, body: { instances: flights(1), ...extra } });
const mode = (name: string, count = 1): Asked => predict({ instances: flights(count), parameters: { mode: name } });

let folders: AsyncDisposableStack;
let app: App;
let log: LogLine[];
let wrapper: Wrapper;
/** A second app that has a token and never a wrapper. */
let guarded: App;

beforeAll(async () => {
  folders = new AsyncDisposableStack();
  const open = folders.use(await projectFolder({ 'tandem.yaml': YAML(), 'predictor.ts': PREDICTOR }));
  const closed = folders.use(
    await projectFolder({ 'tandem.yaml': YAML(`server: { admin: { token: ${TOKEN} } }`), 'predictor.ts': PREDICTOR }),
  );
  [{ app, log }, { app: guarded }, wrapper] = await Promise.all([
    serveProject(open.folder),
    serveProject(closed.folder),
    wrapProject(open.folder),
  ]);
  const sink = app.deployment.stores.get('online')!.sink('plane');
  await sink.write([{ key: 'A', values: { seats: 100 } }], { signal: new AbortController().signal });
  await app.ready;
});
afterAll(async () => {
  await wrapper.kill();
  await Promise.all([app.drain(), guarded.drain()]);
  await folders.disposeAsync();
});

const front = (asked: Asked) => () => ask(app.listening.http, asked);
const bytes = (text: string) => () => askBytes(app.listening.http, text);
const admin = (asked: Asked) => () => ask(app.listening.admin, asked);

async function metric(name: string): Promise<number> {
  const { text } = await ask(app.listening.admin, { path: '/metrics' });
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  );
}

const inFlight = (instances: number): Promise<void> =>
  vi.waitFor(async () => expect(await metric('tandem_instances_in_flight')).toBe(instances), {
    interval: 5,
    timeout: 10_000,
  });

/** Asks while a call of `count` instances hangs in the predictor, whose caller leaves when the answer is there. */
async function besideHanging(count: number, meanwhile: () => Promise<Told>): Promise<Told> {
  const caller = new AbortController();
  const hanging = ask(app.listening.http, { ...mode('hang', count), signal: caller.signal });
  await inFlight(count);
  const told = await meanwhile();
  caller.abort();
  await expect(hanging).rejects.toThrow('aborted');
  await inFlight(0);
  return told;
}

/** A fault where only a defect of ours could be: a stage that throws what is no AppError. */
async function withPlantedFault(provoke: () => Promise<Told>): Promise<Told> {
  const model = app.deployment.models.get('sum')!;
  const { decode } = model;
  model.decode = () => {
    throw new TypeError('planted in /secret/app.ts, beside 10.1.2.3');
  };
  try {
    return await provoke();
  } finally {
    model.decode = decode;
  }
}

interface Case {
  status: number;
  retryable: boolean;
  /** What provokes the code, by what it is. CANCELLED has none: nobody is there to be answered. */
  by: Record<string, () => Promise<Told>>;
}

/** Every code of the table, by hand: the last of them leaves no wrapper behind. */
const CASES: Record<ErrorCode, Case> = {
  INVALID_INPUT: {
    status: 400,
    retryable: false,
    by: {
      'a body that is no JSON': front({ path: PREDICT, body: '{"instances":[' }),
      'a body that is no object': front({ path: PREDICT, body: '[1]' }),
      'no body': front({ path: PREDICT, method: 'POST' }),
      'an unknown key': front(predict({ request: {}, instance: [] })),
      'an input of another type': front(predict({ instances: [{ tail: 'A', distance: 'far' }] })),
      'an input that is missing': front(predict({ instances: [{ tail: 'A' }] })),
      'no instances': front(predict({ instances: [] })),
      'an unknown feature': front({
        path: '/v1/models/sum:features',
        body: { instances: flights(1), features: ['x'] },
      }),
      'a time limit that is no number': front({ ...predict(), headers: { 'x-request-timeout-ms': 'soon' } }),
      'a time limit of nothing': front({ ...predict(), headers: { 'x-request-timeout-ms': '' } }),
      'a path that no URL has': bytes(`GET /v1/models/%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`),
      'bytes that are no HTTP': bytes('PREDICT delay FTP/9\r\n\r\n'),
      'a Content-Length that is none': bytes(`POST ${PREDICT} HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n`),
    },
  },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    by: {
      'no token': () => ask(guarded.listening.admin, { path: '/plan' }),
      'another token': () =>
        ask(guarded.listening.admin, { path: '/config', headers: { authorization: `Bearer ${TOKEN}x` } }),
    },
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    by: {
      'a browser page': admin({ path: '/plan', headers: { origin: 'http://127.0.0.1:8082' } }),
      'a foreign host name': admin({ path: '/drain', method: 'POST', headers: { host: 'rebound.example' } }),
    },
  },
  UNKNOWN_MODEL: {
    status: 404,
    retryable: false,
    by: {
      'a name longer than any model has': front({ path: `/v1/models/${'m'.repeat(300)}` }),
      'a prediction': front({ path: '/v1/models/summ:predict', body: { instances: flights(1) } }),
      'its metadata': front({ path: '/v1/models/nothing' }),
    },
  },
  UNKNOWN_ROUTE: {
    status: 404,
    retryable: false,
    by: {
      'a path of the front': front({ path: '/v3/models' }),
      'a verb of a model': front({ path: '/v1/models/sum:explode', body: {} }),
      'a path of the admin port': admin({ path: '/restart', method: 'POST' }),
    },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    by: {
      'a prediction by GET': front({ path: PREDICT }),
      'a removal of a model': front({ path: '/v1/models/sum', method: 'DELETE' }),
      'a drain by GET': admin({ path: '/drain' }),
    },
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retryable: true,
    by: {
      'a body that does not end': bytes(`POST ${PREDICT} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"inst`),
      'a head that does not end': bytes(`POST ${PREDICT} HTTP/1.1\r\nhost: a\r\n`),
    },
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    by: {
      'a long body': front(predict({ parameters: { note: 'x'.repeat(5000) } })),
      'many instances': front(predict({ instances: flights(6) })),
      'more instances than may ever be in flight': front(predict({ instances: flights(9) })),
    },
  },
  OVERLOADED: {
    status: 429,
    retryable: true,
    by: { 'too many instances in flight': () => besideHanging(5, front(predict({ instances: flights(4) }))) },
  },
  CANCELLED: { status: 499, retryable: false, by: {} },
  INTERNAL: { status: 500, retryable: false, by: { 'a defect of ours': () => withPlantedFault(front(predict())) } },
  PREDICTOR_FAILED: { status: 502, retryable: false, by: { 'a predictor that throws': front(mode('throw')) } },
  PREDICTOR_INVALID_OUTPUT: {
    status: 502,
    retryable: false,
    by: {
      NaN: front(mode('nan')),
      'too few values': front(mode('short')),
      'no value': front(mode('nothing')),
    },
  },
  FEATURE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    by: {
      'a required row that is not there': front(predict({ instances: [{ tail: 'Z', distance: 1 }] })),
      'a required row without a key': front(predict({ instances: [{ tail: null, distance: 1 }] })),
    },
  },
  NOT_READY: {
    status: 503,
    retryable: true,
    by: {
      'a prediction before any wrapper was there': () => ask(guarded.listening.http, predict()),
      'the question whether it is ready': () => ask(guarded.listening.http, { path: '/v2/health/ready' }),
    },
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    retryable: true,
    by: {
      'a predictor that hangs': front(mode('hang')),
      "a caller's own limit": front({ ...mode('hang'), headers: { 'x-request-timeout-ms': '50' } }),
    },
  },
  WRAPPER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    by: {
      'a wrapper that dies over a call': async () => {
        const told = ask(app.listening.http, mode('hang'));
        await inFlight(1);
        await wrapper.kill();
        return told;
      },
      'a wrapper that has gone': async () => {
        await vi.waitFor(async () => expect(await metric('tandem_model_ready{model="sum"}')).toBe(0), {
          timeout: 10_000,
        });
        return ask(app.listening.http, predict());
      },
    },
  },
};

/** Places and traces: nothing that a caller may read. */
const UNSPEAKABLE = /\/secret|10\.1\.2\.3|127\.0\.0\.1|\.sock|\.ts\b|node_modules|\n\s+at |TypeError|FST_|HPE_|ECONN/;

describe('every error code over HTTP', () => {
  it('has a case here', () => {
    expect(Object.keys(CASES).sort()).toEqual([...ERROR_CODES].sort());
    expect(Object.entries(CASES).filter(([, { by }]) => Object.keys(by).length === 0)).toHaveLength(1);
  });

  it('is not provoked by a request in order', async () => {
    const { status, text } = await ask(app.listening.http, predict());
    expect({ status, text }).toEqual({ status: 200, text: '{"predictions":[101]}' });
  });

  it('is CANCELLED, in the metric and in the log, for a caller that left', async () => {
    const before = await metric('tandem_requests_total{model="sum",code="CANCELLED"}');
    await besideHanging(1, front({ path: '/' }));
    expect(await metric('tandem_requests_total{model="sum",code="CANCELLED"}')).toBe(before + 1);
    expect(log.findLast(({ code }) => code === 'CANCELLED')).toMatchObject({ level: 40, model: 'sum' });
  });

  for (const [code, { status, retryable, by }] of Object.entries(CASES)) {
    for (const [what, provoke] of Object.entries(by)) {
      it(`is ${code} for ${what}`, async () => {
        const told = await provoke();
        expect({ status: told.status, ...told.json }).toMatchObject({ status, code, retryable });
        expect(Object.keys(told.json).filter((key) => key !== 'details')).toEqual(['error', 'code', 'retryable']);
        expect(told.json['error']).toMatch(/^[^\n]+[.?]$/);
        expect(told.text).not.toMatch(UNSPEAKABLE);
        expect(told.headers['content-type']).toBe('application/json; charset=utf-8');
      });
    }
  }

  it('is counted once, and under the names of models only', async () => {
    const { text } = await ask(app.listening.admin, { path: '/metrics' });
    const counted = text.split('\n').filter((line) => line.startsWith('tandem_requests_total'));
    expect(counted.filter((line) => !/model="(?:sum)?"/.test(line))).toEqual([]);
    expect(counted).toContain('tandem_requests_total{model="",code="REQUEST_TIMEOUT"} 2');
    expect(counted).toContain('tandem_requests_total{model="sum",code="INTERNAL"} 1');
    // Two callers left: of the call that was cancelled, and of the one beside which the next was too much.
    expect(counted).toContain('tandem_requests_total{model="sum",code="CANCELLED"} 2');
  });

  it('is logged with its cause, which the caller was spared', () => {
    const causes = log.filter(({ code }) => code === 'INTERNAL' || code === 'REQUEST_TIMEOUT');
    expect(causes).toHaveLength(3);
    expect(causes.find(({ code }) => code === 'INTERNAL')).toMatchObject({ level: 50, err: { type: 'TypeError' } });
  });
});

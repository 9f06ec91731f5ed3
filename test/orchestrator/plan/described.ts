/** Two models over a store: what runs today. */
export const STORES_YAML = `
version: 1
project: nyc
asOf: request.time
inputs:
  request: { time: timestamp }
  instance: { id: string, tail: "string?", carrier: string }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { year: int64, seats: int64 }, defaults: { seats: 150 } }
  pulse:
    store: online
    table: hours
    key: { hour: "truncate(request.time, '1h')" }
    fields: { mean: double }
    maxAge: 2h
    required: true
onDemand:
  age: { type: double, cel: "double(2013 - plane.year)" }
models:
  risk:
    deadline: 150ms
    budget: { features: 100ms, model: 45ms }
    id: instance.id
    features: [age, plane.seats, pulse.mean, { name: carrier, from: instance.carrier, categories: [AA, UA] }]
    fallback: { cel: "0.2", on: [OVERLOADED, WRAPPER_UNAVAILABLE] }
  bare: { features: [pulse.mean] }
`;

/** Services and caches beside a store, in two levels: \`risk\` needs all of it, \`calm\` the services only. */
export const SERVICES_YAML = `
version: 1
project: nyc
asOf: request.time
inputs:
  request: { time: timestamp }
  instance: { origin: string, dest: string }
stores: { online: { type: lmdb } }
services:
  weather:
    url: "http://127.0.0.1:9000"
    headers: { authorization: "clear-text" }
    timeout: 40ms
    retries: 1
    maxConcurrency: 8
views:
  home: { store: online, table: airport, key: { faa: instance.origin }, fields: { tz: int64 } }
  away: { store: online, table: airport, key: { faa: instance.dest }, fields: { tz: int64 } }
  city: { store: online, key: { hour: "truncate(request.time, '1h')" }, fields: { delay: double } }
  sky:
    service: weather
    key: { origin: instance.origin, hour: "truncate(request.time, '1h')" }
    batch: { size: 50, post: /lookup, body: { keys: $keys }, items: /items, match: { origin: /origin, hour: /hour } }
    fields: { temp: double, station: string }
    cache: { ttl: 5m, staleIfError: 2h, negativeTtl: 30s, maxEntries: 5000 }
  station:
    service: weather
    key: { name: sky.station }
    get: /stations/{name}
    fields: { height: double }
    cache: { ttl: 1h, maxEntries: 100, maxBytes: 8KiB }
models:
  risk:
    deadline: 500ms
    budget: { features: 300ms, model: 100ms }
    features: [home.tz, away.tz, city.delay, sky.temp, station.height]
  calm:
    deadline: 300ms
    budget: { features: 200ms, model: 90ms }
    features: [sky.temp, station.height]
`;

/** Functions of both grains in two levels. */
export const FUNCTIONS_YAML = `
version: 1
project: nyc
inputs: { request: { time: timestamp }, instance: { km: double } }
onDemand:
  near: { type: double, function: ./f.py:near, batch: true, args: { km: instance.km, scale: 2.0 }, default: 0.5 }
  busy: { type: bool, function: ./f.py:busy, batch: true, args: { time: request.time }, onError: fail }
  half: { type: double, cel: near / 2.0 }
  last: { type: double, function: ./f.py:near, batch: true, args: { km: half, scale: near } }
models:
  risk: { features: [busy, last] }
`;

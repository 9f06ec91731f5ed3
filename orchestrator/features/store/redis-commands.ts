/**
 * Every command that is sent to a store of the Redis family, and what for. Each is documented by Redis, Valkey and
 * Dragonfly alike and needs no module; an ACL user needs these and no others.
 */
export const REDIS_COMMANDS = {
  auth: 'a connection begins, where there is a password',
  select: 'a connection begins, where there is a database other than 0',
  info: 'a connection begins: whether the server is still loading its data; tandem doctor: version, memory, role',
  client: 'rows are told when they change, where that is asked for: TRACKING and ID; Dragonfly refuses TRACKING to us',
  subscribe: 'the same: to hear of them',
  ping: 'the same: whether who hears is still heard',
  mget: 'rows that are one value each are read',
  hmget: 'the planned fields of a row that is a hash are read',
  set: 'a row that is one value is written, with its expiry',
  multi: 'a row that is a hash is written: all of what follows, or nothing',
  del: 'what the hash had before',
  hset: 'its fields',
  pexpire: 'its expiry',
  exec: 'the hash is whole',
  scan: 'whether a table is empty, and which keys it has',
  evalsha: 'a row is put in place unless the one there is newer, where that is asked for (--newest)',
  eval: 'the same, to a server that does not know the script yet',
  hgetall: 'the same, of rows that are hashes: what the hash had; tandem doctor: bytes of such rows',
  hdel: 'the same: what of that it has no longer',
  persist: 'the same: it had an expiry, and has none',
  config: 'tandem doctor: settings that lose rows (GET alone); refused, they are unknown',
  strlen: 'tandem doctor: bytes of rows that are one value each',
  memory: 'tandem doctor: memory of rows (USAGE alone); refused, it is unknown',
} as const;

/** What is sent to a cluster beside those. Dragonfly has the first two in both of its cluster modes, and no ASK. */
export const REDIS_CLUSTER_COMMANDS = {
  'cluster slots': 'who has which keys is sought: at the beginning, when something fails, every ten seconds',
  readonly: 'a connection begins, where rows are read from replicas: each may answer itself',
  asking: 'a server has said ASK of a key whose slot is on its way to another: that one is told so',
} as const;

/** What is sent to sentinels beside `auth` and `info`, and to nobody else. */
export const SENTINEL_COMMANDS = {
  'sentinel get-master-addr-by-name': 'the master is sought: at the beginning, and every second',
  'sentinel replicas': 'the replicas are sought, where rows are read from them',
} as const;

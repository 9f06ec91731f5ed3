import { createHash } from 'node:crypto';

/** How a row lies under its key: a text of JSON, packed bytes, or a hash. */
export type RowForm = 'text' | 'bytes' | 'hash';

/** A script, and the digest by which a server that has run it knows it. */
export interface Script {
  text: string;
  digest: string;
}

/*
 * Puts a row under KEYS[1] unless the one there is newer; gives 1 where it did. ARGV: its time in epoch ms, its expiry in
 * ms, each empty where there is none, then the value, or the hash's names and texts.
 *
 * A script because it is the one plain way that is atomic against all other writers within one round trip, in Redis,
 * Valkey and Dragonfly alike; WATCH would need a connection of its own, two round trips and another try for each
 * conflict. One key a script: it can run on any node of a cluster. What is read and written is what other rows are read
 * and written with, so that no further command must be allowed.
 */

/** A row there whose time is not to be read (no row, another kind of value, no `_ts`) is never newer. */
const TIME_IN_PLACE: Record<RowForm, string> = {
  text: `
local function timeInPlace(key)
  local value = redis.call('MGET', key)[1]
  if not value then return nil end
  local isJson, row = pcall(cjson.decode, value)
  if not isJson or type(row) ~= 'table' then return nil end
  return moment(row['_ts'])
end`,
  // The layout is that of packed-layout.ts.
  bytes: `
local function uint32(bytes, at)
  local a, b, c, d = string.byte(bytes, at, at + 3)
  return a + b * 256 + c * 65536 + d * 16777216
end
local function timeInPlace(key)
  local row = redis.call('MGET', key)[1]
  if not row or #row < 20 or string.byte(row, 1) ~= 1 or string.byte(row, 2) ~= 0 then return nil end
  if uint32(row, 5) ~= #row then return nil end
  local high = uint32(row, 17)
  if high >= 2147483648 then high = high - 4294967296 end
  local ms = high * 4294967296 + uint32(row, 13)
  if math.abs(ms) > 8.64e15 then return nil end
  return ms
end`,
  hash: `
local function timeInPlace(key)
  local values = redis.pcall('HMGET', key, '_ts')
  if values.err then return nil end
  return moment(values[1])
end`,
};

/** As parseTimestampMs of foundation/timestamp.ts reads RFC 3339; days since 1970 by Howard Hinnant's days_from_civil. */
const MOMENT = `
local function moment(text)
  if type(text) ~= 'string' then return nil end
  local year, month, day, hour, minute, second, rest =
    string.match(text, '^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$')
  if not year then return nil end
  local fraction, zone = string.match(rest, '^(%.%d+)(.*)$')
  zone = zone or rest
  local offset = 0
  if zone ~= 'Z' and zone ~= 'z' then
    local sign, hours, minutes = string.match(zone, '^([+-])(%d%d):(%d%d)$')
    if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then return nil end
    offset = (hours * 60 + minutes) * 60000
    if sign == '-' then offset = -offset end
  end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  local isLeap = (year % 4 == 0 and year % 100 ~= 0) or year % 400 == 0
  local days = ({31, isLeap and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31})[month]
  if not days or day < 1 or day > days then return nil end
  if tonumber(hour) > 23 or tonumber(minute) > 59 or tonumber(second) > 60 then return nil end
  local y = month <= 2 and year - 1 or year
  local era = math.floor(y / 400)
  local yearOfEra = y - era * 400
  local dayOfYear = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local dayOfEra = yearOfEra * 365 + math.floor(yearOfEra / 4) - math.floor(yearOfEra / 100) + dayOfYear
  local sinceEpoch = era * 146097 + dayOfEra - 719468
  local ms = ((sinceEpoch * 24 + hour) * 60 + minute) * 60000 + second * 1000
  if fraction then ms = ms + math.floor(tonumber('0' .. string.sub(fraction, 1, 4)) * 1000 + 1e-6) end
  return ms - offset
end`;

const COMPARE = `
if ARGV[1] ~= '' then
  local there = timeInPlace(KEYS[1])
  if there and tonumber(ARGV[1]) < there then return 0 end
end`;

const PUT_VALUE = `
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[3])
else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2]) end
return 1`;

/**
 * In pieces, for Lua's stack holds some thousand values. The hash is never removed between: a key that is not there
 * cannot be written by a script while its slot is on its way to another node of a cluster, and would be lost.
 */
const PUT_HASH = `
local there = redis.pcall('HGETALL', KEYS[1])
local rest = {}
if there.err then redis.call('DEL', KEYS[1])
else for at = 1, #there, 2 do rest[there[at]] = true end end
for at = 3, #ARGV, 1000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, at, math.min(at + 999, #ARGV)))
end
for at = 3, #ARGV, 2 do rest[ARGV[at]] = nil end
for name in pairs(rest) do redis.call('HDEL', KEYS[1], name) end
if ARGV[2] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2])
else redis.call('PERSIST', KEYS[1]) end
return 1`;

const SCRIPTS: Record<RowForm, Script> = {
  text: scriptOf(MOMENT, TIME_IN_PLACE.text, COMPARE, PUT_VALUE),
  bytes: scriptOf(TIME_IN_PLACE.bytes, COMPARE, PUT_VALUE),
  hash: scriptOf(MOMENT, TIME_IN_PLACE.hash, COMPARE, PUT_HASH),
};

/** The script that puts a row of a form in place unless the one there is newer. */
export function newestScript(form: RowForm): Script {
  return SCRIPTS[form];
}

function scriptOf(...parts: readonly string[]): Script {
  const text = parts.join('\n').trim();
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}

/**
 * The scripts: each is one atomic step of the server. They answer bulk strings and arrays only, which every protocol
 * version and driver hands on alike: a word, a value, and what ended (id, reason, head, and so on).
 *
 * All get what their keys begin with, the caller's clock, and whether somebody listens to ends. Whatever may fail for
 * want of memory is written first, since a script that fails half-way keeps what it did.
 */
import { createHash } from "node:crypto";
import { REVOCATION_MS, TOMBSTONE_MS } from "../contract.ts";
import { DAMAGED } from "./faults.ts";
import { NOBODY } from "./format.ts";

/** How much longer than it is needed an entry stays: for callers whose clocks differ, and to tell why it ended. */
const MARGIN_MS = 2 * 60_000;

/** How many entries one script looks at, so that no other client waits long. */
export const SLICE = 64;

/** How many entries of a user's index each login looks at for dead ones: keeps their share below an eighth. */
const PROBES = 8;

/** How long whoever waits for replicas may take to look for the trace of a script. */
export const TRACE_MS = 60_000;

/** Beyond any instant there is, and far from what a server can count. */
const FOREVER_MS = 9e14;

/** In the place of a trace: nobody waits for replicas. */
export const NO_TRACE = "";

export interface Script {
  readonly text: string;
  readonly sha: string;
}

const COMMON = String.raw`
local prefix, now, listens = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local ends = {}
local function sessionKey(id) return prefix .. 's:' .. id end
local function indexKey(digest) return prefix .. 'u:' .. digest end
local function markKey(digest) return prefix .. 'm:' .. digest end
-- 48 bits in two parts, since a number of the server's may have 32.
local function number(value, at)
  local high, low = struct.unpack('>I2I4', value, at)
  return high * 4294967296 + low
end
local function bytes(n) return struct.pack('>I2I4', math.floor(n / 4294967296), n % 4294967296) end
local function whole(n) return string.format('%.0f', n) end
local function kind(value) return string.byte(value, 1) end
local function isHead(value) return kind(value) == 1 and #value >= 53 end
local function version(value) return string.sub(value, 39, 50) end
local function owner(value)
  return string.byte(value, 38) % 2 == 1 and string.sub(value, 54, 75) or '${NOBODY}'
end
local function deadline(value) return math.min(number(value, 8), number(value, 14)) end
local function headBytes(value) return 53 + struct.unpack('>I3', value, 51) end
local function ttl(untilWhen)
  return math.min(math.max(untilWhen - now, 0) + ${MARGIN_MS}, ${FOREVER_MS})
end
local function extend(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, whole(ms)) end
end
local function finish(id, value, reason)
  local left = '\2' .. bytes(now) .. reason
  local done = redis.pcall('SET', sessionKey(id), left, 'PX', ${TOMBSTONE_MS + MARGIN_MS})
  -- With no memory left to remember the end, the session still ends.
  if type(done) == 'table' and done.err then redis.call('DEL', sessionKey(id)) end
  -- While a slot moves to another node the index may be there already: then this entry of it is dropped later.
  if owner(value) ~= '${NOBODY}' then redis.pcall('ZREM', indexKey(owner(value)), id) end
  if listens then
    ends[#ends + 1] = id
    ends[#ends + 1] = reason
    ends[#ends + 1] = string.sub(value, 1, headBytes(value))
  end
end
-- Where this key is, on a primary or a replica, there is too what this script did: for who waits for replicas.
local function leave(trace)
  if trace ~= '' then redis.pcall('SET', prefix .. 'w:' .. trace, '', 'PX', ${TRACE_MS}) end
end
local function expire(id, value)
  finish(id, value, now >= number(value, 14) and 'absolute' or 'idle')
end
-- The live value, or nothing and what is left of it. An expired one is ended on the way.
-- With mends, what is damaged ends as revoked.
local function look(id, mends)
  local value = redis.pcall('GET', sessionKey(id))
  if not value then return nil, nil end
  if type(value) == 'table' then value = '' end -- no string at all
  if kind(value) == 2 and #value >= 7 then
    if now < number(value, 2) + ${TOMBSTONE_MS} then return nil, value end
    return nil, nil
  end
  if not isHead(value) then
    if not mends then error('${DAMAGED}', 0) end
    redis.call('SET', sessionKey(id), '\2' .. bytes(now) .. 'revoked', 'PX', ${TOMBSTONE_MS + MARGIN_MS})
    return nil, nil
  end
  if now < deadline(value) then return value, nil end
  expire(id, value)
  return nil, redis.call('GET', sessionKey(id)) or nil
end
local function answer(word, value) return { word, value or '', ends } end
-- Digests are made with the key in the meta entry. Whoever made them with another key asks again. Without a name of a
-- key there is nothing to look at from here: it lies in another slot.
local function isForeign(keyId)
  if keyId == '' then return false end
  local meta = redis.call('GET', prefix .. 'meta')
  return not meta or string.sub(meta, 1, 16) ~= keyId
end
local function markOf(digest)
  local mark = redis.call('GET', markKey(digest))
  if mark and now < number(mark, 1) + ${REVOCATION_MS} then return mark end
  return nil
end
`;

/** ARGV[4]: id. What is there, after an expired session was ended. */
export const PEEK: Script = script(`
local value, left = look(ARGV[4])
return answer('found', value or left)`);

/** ARGV: id, value, digest, key id, absoluteUntil, created, since kind, since, replaces id, version, limit, over, seed, trace */
export const CREATE: Script = script(`
local id, value, digest, keyId = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local isUser = digest ~= '${NOBODY}'
if isUser and isForeign(keyId) then return answer('foreign') end
local own, left = look(id)
if own then
  if version(own) ~= version(value) then return answer('collision') end
  leave(ARGV[17])
  return answer('ok')
end
if left then return answer('ended') end
local mark = isUser and markOf(digest)
if mark then
  local refused
  if ARGV[10] == 'token' then refused = string.sub(mark, 7) ~= ARGV[11]
  else refused = number(mark, 1) >= tonumber(ARGV[11]) end
  if refused then return answer('revoked') end
end
local replaced = ARGV[12] ~= '' and look(ARGV[12]) or nil
if replaced and owner(replaced) ~= digest then replaced = nil end
if replaced and version(replaced) ~= ARGV[13] then return answer('conflict', replaced) end
local index = indexKey(digest)
local evicted = {}
if isUser and ARGV[14] ~= '' then
  local max, refuses = tonumber(ARGV[14]), ARGV[15] == 'refuse'
  local most = max + ${2 * SLICE}
  local isCrowded = redis.call('ZCARD', index) > most
  if isCrowded and not refuses then return answer('crowded') end
  local others = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, whole(most - 1))) do
    local session = look(member, true)
    if session then
      if not (replaced and member == ARGV[12]) then others[#others + 1] = { member, session } end
      if refuses and #others >= max then return answer('full') end
    else redis.call('ZREM', index, member) end
  end
  -- Not full so far: then most of these were dead entries, which are gone now.
  if isCrowded then return answer('crowded') end
  for i = max, #others do evicted[#evicted + 1] = others[i] end
end
if isUser then
  redis.call('ZADD', index, whole(-tonumber(ARGV[9])), id)
  extend(index, ttl(tonumber(ARGV[8])))
end
redis.call('SET', sessionKey(id), value, 'PX', whole(ttl(deadline(value))))
for _, other in ipairs(evicted) do finish(other[1], other[2], 'limit') end
if replaced then finish(ARGV[12], replaced, 'replaced') end
if isUser and ARGV[14] == '' then
  local from = tonumber(ARGV[16]) % redis.call('ZCARD', index)
  for _, member in ipairs(redis.call('ZRANGE', index, from, from + ${PROBES - 1})) do
    if redis.call('EXISTS', sessionKey(member)) == 0 then redis.call('ZREM', index, member) end
  end
end
leave(ARGV[17])
return answer('ok')`);

/**
 * ARGV: digest, key id, replaced id or nothing, most, from. Of a slice of the user's sessions, newest first, ends those
 * beyond the most there may be, and drops dead entries. How many stay so far, and whether there are more.
 */
export const THIN: Script = script(`
local digest, most, from = ARGV[4], tonumber(ARGV[7]), tonumber(ARGV[8])
if isForeign(ARGV[5]) then return answer('foreign') end
local index = indexKey(digest)
local members = redis.call('ZRANGE', index, from, from + ${SLICE - 1})
for _, member in ipairs(members) do
  local value = look(member, true)
  if value and (from < most or member == ARGV[6]) then from = from + 1
  else
    if value then finish(member, value, 'limit') end
    redis.call('ZREM', index, member)
  end
end
return answer(#members == ${SLICE} and 'more' or 'done', tostring(from))`);

/** ARGV: id, expected, version, idleUntil, seenAt, credentials and payload */
export const SAVE: Script = script(String.raw`
local id = ARGV[4]
local value = look(id)
if not value then return answer('gone') end
if version(value) ~= ARGV[5] then return answer('conflict', value) end
local seen = math.max(number(value, 2), tonumber(ARGV[8]))
local idle = math.min(number(value, 14), math.max(number(value, 8), tonumber(ARGV[7])))
local saved = '\1' .. bytes(seen) .. bytes(idle) .. string.sub(value, 14, 38) .. ARGV[6]
  .. string.sub(value, 51, headBytes(value)) .. ARGV[9]
local ms = math.max(redis.call('PTTL', sessionKey(id)), ttl(deadline(saved)))
redis.call('SET', sessionKey(id), saved, 'PX', whole(ms))
return answer('saved')`);

/** ARGV: id, until */
export const TOUCH: Script = script(`
local id = ARGV[4]
local key = sessionKey(id)
local value = redis.call('GETRANGE', key, 0, 52)
if not isHead(value) or now >= deadline(value) then
  look(id)
  return answer('gone')
end
local seen = math.max(number(value, 2), now)
local idle = math.min(number(value, 14), math.max(number(value, 8), tonumber(ARGV[5])))
redis.call('SETRANGE', key, 1, bytes(seen) .. bytes(idle))
extend(key, ttl(idle))
return answer('touched')`);

/** ARGV: id, reason, expected or nothing, trace */
export const DELETE: Script = script(`
local value = look(ARGV[4])
if value and ARGV[6] ~= '' and version(value) ~= ARGV[6] then return answer('conflict', value) end
if value then finish(ARGV[4], value, ARGV[5]) end
leave(ARGV[7])
return answer(value and 'deleted' or 'gone')`);

/** ARGV: digest, key id, token */
export const MARK: Script = script(`
local digest = ARGV[4]
if isForeign(ARGV[5]) then return answer('foreign') end
local mark = markOf(digest)
local at = mark and math.max(number(mark, 1), now) or now
redis.call('SET', markKey(digest), bytes(at) .. ARGV[6], 'PX', whole(ttl(at + ${REVOCATION_MS})))
return answer('marked')`);

/** ARGV: digest, key id. The token, or nothing. */
export const REVOCATION: Script = script(`
if isForeign(ARGV[5]) then return answer('foreign') end
local mark = markOf(ARGV[4])
return answer('found', mark and string.sub(mark, 7))`);

/** ARGV: digest, key id, except, trace. Ends a slice of the user's sessions; how many, and whether there are more. */
export const REVOKE: Script = script(`
local digest, except = ARGV[4], ARGV[6]
if isForeign(ARGV[5]) then return answer('foreign') end
local index, count = indexKey(digest), 0
for _, member in ipairs(redis.call('ZRANGE', index, 0, ${SLICE - 1})) do
  if member ~= except then
    local value = look(member, true)
    if value and owner(value) == digest then
      finish(member, value, 'revoked')
      count = count + 1
    end
    redis.call('ZREM', index, member)
  end
end
local left = redis.call('ZCARD', index)
if except ~= '' and redis.call('ZSCORE', index, except) then left = left - 1 end
if left == 0 then leave(ARGV[7]) end
return answer(left > 0 and 'more' or 'done', tostring(count))`);

/** ARGV: trace, and on: ids. Ends each that is live. */
export const REVOKE_THESE: Script = script(`
leave(ARGV[4])
for i = 5, #ARGV do
  local value = look(ARGV[i], true)
  if value then finish(ARGV[i], value, 'revoked') end
end
return answer('done')`);

/**
 * ARGV: digest, key id, score and id to go on after, how many. Answers heads of live sessions in the value, id and head
 * by turns, and in front of them the last place it looked at, score and id; nothing there when it came to the end.
 */
export const LIST: Script = script(`
local digest, score, after, wanted = ARGV[4], ARGV[6], ARGV[7], tonumber(ARGV[8])
if isForeign(ARGV[5]) then return answer('foreign') end
local index, from = indexKey(digest), 0
if after ~= '' then
  -- Where it would stand, had it gone meanwhile.
  local added = redis.call('ZADD', index, 'NX', score, after)
  from = redis.call('ZRANK', index, after)
  if added == 1 then redis.call('ZREM', index, after) else from = from + 1 end
end
local members = redis.call('ZRANGE', index, from, from + ${SLICE - 1})
local found = { '', '' }
for i, member in ipairs(members) do
  local value = redis.call('GETRANGE', sessionKey(member), 0, 511)
  local lasts = redis.call('ZSCORE', index, member)
  if isHead(value) then
    if now >= deadline(value) then look(member)
    else
      local bytes = headBytes(value)
      if bytes > 512 then value = redis.call('GETRANGE', sessionKey(member), 0, bytes - 1) end
      found[#found + 1] = member
      found[#found + 1] = string.sub(value, 1, bytes)
      wanted = wanted - 1
    end
  else redis.call('ZREM', index, member) end
  if i < #members and wanted == 0 or i == ${SLICE} then
    found[1], found[2] = lasts, member
    break
  end
end
return answer('found', found)`);

function script(body: string): Script {
  const text = COMMON + body;
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

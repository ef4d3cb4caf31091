-- Some of an actor's history. ARGV: the actor, the sequence after which, how many.
-- Returns what was kept of the part that was cut (all of it: it is short), the sequence of the first of the records
-- that follow, and those.

local actor, after, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local cut = tonumber(redis.call("HGET", "row:" .. actor, "cut") or 0)
local kept = {}
if after < cut then
    kept = redis.call("LRANGE", "kept:" .. actor, 0, -1)
    after = cut
end
return {kept, after + 1, redis.call("LRANGE", "records:" .. actor, after - cut, after - cut + limit - 1)}

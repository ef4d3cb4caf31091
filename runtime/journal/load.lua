-- For each actor of ARGV: its snapshot (or false), how far its tells were settled, and the records after the snapshot.

local found = {}
for n, actor in ipairs(ARGV) do
    local snapshot = redis.call("HMGET", "snapshot:" .. actor, "sequence", "snapshot")
    local told = redis.call("HGET", "row:" .. actor, "told")
    local after = tonumber(snapshot[1] or 0)
    found[n] = {snapshot[2], tonumber(told or 0), after, redis.call("LRANGE", "records:" .. actor, after, -1)}
end
return found

-- For each actor of ARGV after the first argument: its snapshot (or false), how far its tells were settled, and the
-- records after the snapshot. If the first argument is 1, snapshots count as missing.

local found = {}
for n = 2, #ARGV do
    local actor = ARGV[n]
    local snapshot = {}
    if ARGV[1] ~= "1" then
        snapshot = redis.call("HMGET", "snapshot:" .. actor, "sequence", "snapshot")
    end
    local told = redis.call("HGET", "row:" .. actor, "told")
    local after = tonumber(snapshot[1] or 0)
    local records = redis.call("LRANGE", "records:" .. actor, after, -1)
    found[n - 1] = {snapshot[2] or false, tonumber(told or 0), after, records}
end
return found

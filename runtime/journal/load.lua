-- For each actor of ARGV after the first argument: its snapshot (or false), how far its tells were settled, the
-- sequence of the snapshot, and the records after it as `history` has them. If the first argument is 1, snapshots count
-- as missing.

local found = {}
for n = 2, #ARGV do
    local actor = ARGV[n]
    local snapshot = {}
    if ARGV[1] ~= "1" then
        snapshot = redis.call("HMGET", "snapshot:" .. actor, "sequence", "snapshot")
    end
    local row = redis.call("HMGET", "row:" .. actor, "told", "cut")
    local after, cut = tonumber(snapshot[1] or 0), tonumber(row[2] or 0)
    local kept, first, records = history(actor, after, cut)
    found[n - 1] = {snapshot[2] or false, tonumber(row[1] or 0), after, kept, first, records}
end
return found

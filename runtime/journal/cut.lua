-- Forgets parts of actors' histories, or nothing. ARGV[1] is MessagePack: {fences {scope, fence},
-- cuts {actor, before, kept {record with its sequence}}}. Returns "ok" or "fenced".

local fences, cuts = unpack(cmsgpack.unpack(ARGV[1]))

if not hold(fences) then
    return "fenced"
end

for _, one in ipairs(cuts) do
    local actor, before, kept = unpack(one)
    local row = "row:" .. actor
    local cut = tonumber(redis.call("HGET", row, "cut") or 0)
    if before - 1 > cut then
        redis.call("LTRIM", "records:" .. actor, before - 1 - cut, -1)
        redis.call("HSET", row, "cut", before - 1)
    end
    redis.call("DEL", "kept:" .. actor)
    for _, record in ipairs(kept) do
        redis.call("RPUSH", "kept:" .. actor, record)
    end
end

return "ok"

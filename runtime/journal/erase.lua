-- Forgets actors as a whole, or nothing. ARGV[1] is MessagePack: {fences {scope, fence}, actors}.
-- Returns "ok" or "fenced".

local fences, actors = unpack(cmsgpack.unpack(ARGV[1]))

if not hold(fences) then
    return "fenced"
end

for _, actor in ipairs(actors) do
    for term in string.gmatch(redis.call("HGET", "row:" .. actor, "terms") or "", "[^\n]+") do
        redis.call("ZREM", "term:" .. term, actor)
    end
    redis.call("ZREM", "alarms", actor)
    redis.call("DEL", "records:" .. actor, "kept:" .. actor, "snapshot:" .. actor, "row:" .. actor)
end

return "ok"

-- Claims the scopes of ARGV; returns the fence of each.
--
-- A fence is the time, in microseconds, so that none is ever given twice: a Redis that has failed over, or lost power,
-- may have forgotten the last claims, whose hosts may live.

local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local fences = {}
for n, scope in ipairs(ARGV) do
    fences[n] = math.max(now, tonumber(redis.call("HGET", "fences", scope) or 0) + 1)
    redis.call("HSET", "fences", scope, fences[n])
end
return fences

-- Comes before whatever reads: an actor's history after a sequence, of which `cut` is the last that was cut out; so many
-- records of it at most, if there is a limit.
-- Returns what was kept of the part that was cut (all of it: it is short), the sequence of the first of the records that
-- follow, and those.

local function history(actor, after, cut, limit)
    local kept = {}
    if after < cut then
        kept = redis.call("LRANGE", "kept:" .. actor, 0, -1)
        after = cut
    end
    local first = after - cut
    return kept, after + 1, redis.call("LRANGE", "records:" .. actor, first, limit and first + limit - 1 or -1)
end


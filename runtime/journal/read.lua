-- Some of an actor's history, as `history` has it. ARGV: the actor, the sequence after which, how many.

local actor, after, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
return {history(actor, after, tonumber(redis.call("HGET", "row:" .. actor, "cut") or 0), limit)}

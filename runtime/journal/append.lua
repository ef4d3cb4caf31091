-- Writes a turn as a whole or not at all: everything is checked before anything is written.
--
-- ARGV[1] is MessagePack: {writer, number, fences {scope, fence}, records {actor, sequence, record},
-- rows {actor, at_ms, sequence, told, wake_at_ms or nil, terms or nil, body}, snapshots {actor, sequence, snapshot},
-- counts {name, numbers}}.
-- Returns "ok", "fenced", "taken" or "late".

local writer, number, fences, records, rows, snapshots, counts = unpack(cmsgpack.unpack(ARGV[1]))

-- An append that its writer has given up may still arrive; never after a later one of the same writer.
writer = "writer:" .. writer
if number <= tonumber(redis.call("GET", writer) or 0) then
    return "late"
end

if not hold(fences) then
    return "fenced"
end

local function last(actor)
    return redis.call("LLEN", "records:" .. actor) + tonumber(redis.call("HGET", "row:" .. actor, "cut") or 0)
end

local ends = {}
for _, one in ipairs(records) do
    local actor, sequence = unpack(one)
    if sequence ~= (ends[actor] or last(actor)) + 1 then
        return "taken"
    end
    ends[actor] = sequence
end

redis.call("SET", writer, number, "EX", 86400)

for _, one in ipairs(records) do
    redis.call("RPUSH", "records:" .. one[1], one[3])
end

local function relist(actor, opened_ms, before, terms)
    local kept = {}
    for term in string.gmatch(terms, "[^\n]+") do
        kept[term] = true
        redis.call("ZADD", "term:" .. term, opened_ms, actor)
    end
    for term in string.gmatch(before, "[^\n]+") do
        if not kept[term] then
            redis.call("ZREM", "term:" .. term, actor)
        end
    end
end

for _, one in ipairs(rows) do
    local actor, at_ms, sequence, told, wake_at_ms, terms, body = unpack(one, 1, 7)
    local row = "row:" .. actor
    local old = redis.call("HMGET", row, "opened_ms", "terms")
    local opened_ms = old[1] or at_ms
    redis.call("HSET", row, "sequence", sequence, "told", told, "opened_ms", opened_ms)
    if wake_at_ms then
        redis.call("ZADD", "alarms", wake_at_ms, actor)
    else
        redis.call("ZREM", "alarms", actor)
    end
    if terms then
        redis.call("HSET", row, "terms", terms, "body", body)
        if terms ~= old[2] then
            relist(actor, opened_ms, old[2] or "", terms)
        end
    end
end

for _, one in ipairs(snapshots) do
    local actor, sequence, snapshot = unpack(one)
    redis.call("HSET", "snapshot:" .. actor, "sequence", sequence, "snapshot", snapshot)
end

for _, one in ipairs(counts) do
    local name, numbers = unpack(one)
    for place, number in pairs(numbers) do
        redis.call("HINCRBYFLOAT", "counts", name .. " " .. place, string.format("%.17g", number))
    end
end

return "ok"

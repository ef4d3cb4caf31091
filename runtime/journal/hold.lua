-- Comes before whatever writes: whether the caller still holds the scopes, fences {scope, fence}.

local function hold(fences)
    for _, one in ipairs(fences) do
        local scope, fence = unpack(one)
        if tonumber(redis.call("HGET", "fences", scope) or 0) ~= fence then
            return false
        end
    end
    return true
end


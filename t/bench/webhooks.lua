-- SPDX-License-Identifier: Apache-2.0
-- wrk -s webhooks.lua URL -- SIGNED FORM FIRST COUNT THREADS
--
-- Post voice webhooks, each of another call. SIGNED holds records of 62
-- bytes, CallSid and signature; those from FIRST on are sent, COUNT of them,
-- shared among so many THREADS. FORM holds the body around the CallSid. Ends
-- with one line of JSON.

local RECORD = 62
local SID = 34

local threads = {}

function setup(thread)
    thread:set("slot", #threads)
    table.insert(threads, thread)
end

function init(args)
    local file = assert(io.open(args[2]))
    local form = file:read("*a")
    file:close()
    local at, to = form:find("@SID@", 1, true)
    before, after = form:sub(1, at - 1), form:sub(to + 1)

    share = math.floor(tonumber(args[4]) / tonumber(args[5]))
    file = assert(io.open(args[1]))
    file:seek("set", (tonumber(args[3]) + slot * share) * RECORD)
    records = file:read(share * RECORD)
    file:close()
    assert(#records == share * RECORD, "not enough signed requests")

    head = table.concat({
        "POST " .. wrk.path .. " HTTP/1.1",
        "Host: " .. wrk.host,
        "User-Agent: TwilioProxy/1.1",
        "Accept: */*",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        "Content-Length: " .. #before + SID + #after,
        "I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-000000000000",
        "X-Twilio-Signature: " }, "\r\n")
    next_one = 0
    again = 0 -- requests beyond the last: copies of earlier ones
end

function request()
    if next_one == share then
        next_one = 0
    end
    local at = next_one * RECORD
    next_one = next_one + 1
    again = again + (next_one == 1 and 1 or 0)
    return head .. records:sub(at + SID + 1, at + RECORD) .. "\r\n\r\n"
        .. before .. records:sub(at + 1, at + SID) .. after
end

function done(summary, latency)
    local rounds = 0
    for _, thread in ipairs(threads) do
        rounds = math.max(rounds, thread:get("again"))
    end
    local errors = summary.errors
    print(string.format('{"requests":%d,"seconds":%.6f,"refused":%d,'
        .. '"broken":%d,"p50":%d,"p99":%d,"max":%d,"rounds":%d}',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.max, rounds))
end

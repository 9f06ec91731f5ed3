-- Cycles the bodies of a file, one a line, and prints what came of it as one JSON line.
-- wrk -t1 -c16 -d5s -s wrk.lua URL -- BODIES SKIP [fallbacks]
-- SKIP bodies are sent last: a run can go on where the one before it ended, for bodies whose keys must not be known yet.
-- With `fallbacks` it also counts the answers that a fallback gave: they are 200 too, and quick. Looking into answers
-- costs wrk too much at 40,000 requests/s, so it is done only where the configuration has a fallback.
-- Requests are formatted once: building them in request() would make wrk the slower side at 40,000 requests/s.

local requests = {}
local sent = 0
local threads = {}
fallbacks = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
  sent = tonumber(args[2])
  if args[3] == "fallbacks" then
    response = function(_, _, body)
      if body:find('"fallback":', 1, true) then fallbacks = fallbacks + 1 end
    end
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency)
  local errors = summary.errors
  local fellBack = 0
  for _, thread in ipairs(threads) do fellBack = fellBack + thread:get("fallbacks") end
  io.write(string.format(
    '{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"broken":%d,"fallbacks":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, fellBack
  ))
end

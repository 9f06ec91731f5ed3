-- Cycles the bodies of a file, one a line, and prints what came of it as one JSON line.
-- wrk -t1 -c16 -d5s -s wrk.lua URL -- BODIES
-- Requests are formatted once: building them in request() would make wrk the slower side at 40,000 requests/s.

local requests = {}
local sent = 0

function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end

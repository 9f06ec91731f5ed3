"""`python -m tandem_wrapper`."""

import json
import os
import sys

# Before gRPC is loaded. Its newer listener hands what it reads from thread to thread: with the older one a message of 16
# calls takes a fifth less of the CPU.
os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_listener")

try:
    from .command import main
except ModuleNotFoundError as missing:
    # Before anything of ours is there to say it: in a line of the log as the rest, or to who had it check.
    problem = f'{sys.executable} has no module "{missing.name}": install tandem-wrapper, or name another interpreter.'
    if "--check" in sys.argv:
        print(json.dumps({"problem": problem}))
    else:
        print(json.dumps({"level": 60, "name": "wrapper", "msg": problem}), file=sys.stderr)
    sys.exit(1)

if __name__ == "__main__":
    sys.exit(main())

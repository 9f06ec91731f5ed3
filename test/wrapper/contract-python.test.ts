import { describeCallers } from './callers-contract.ts';
import { describeFrames } from './frames-contract.ts';
import { openPythonProject } from './python-project.ts';
import { describeUnary } from './unary-contract.ts';
import { describeWrapper } from './wrapper-contract.ts';
import type { Project } from './wrap-process.ts';

const SOURCE = `
import os
import time

import numpy as np


class Sum:
    def __init__(self):
        self.calls = 0
        self.reused = np.zeros(1)

    def predict(self, request):
        self.calls += 1
        sums = request.matrix[:, 0] + request.matrix[:, 1]
        match request.parameters.get("do"):
            case None:
                return sums
            case "reuse":
                self.reused[0] = sums[0]
                return self.reused
            case "throw":
                raise Error("secret /etc/shadow")
            case "nan":
                return np.full(request.rows, np.nan)
            case "strings":
                return [f"{value:g}" for value in sums]
            case "two":
                return {"sum": sums, "pair": request.matrix}
            case "few":
                return sums[1:]
            case "nothing":
                return None
            case "mixed":
                return np.array(["x", 1], dtype=object)
            case "first":
                return request.columns["a"]
            case "columns":
                return request.columns["b"]
            case "names":
                return [",".join(request.features)]
            case "block":
                time.sleep(0.03)
                return sums
            case "calls":
                seen, self.calls = self.calls, 0
                return [seen]
            case "memory":
                return bytearray(1 << 60)
            case "die":
                os._exit(3)
            case "hang":
                while True:
                    pass


class Error(Exception):
    pass
`;

const open = (): Promise<Project> => openPythonProject(SOURCE, { wrapper: 'hangAfter: 500ms' });

for (const carrier of ['ModelStreamInfer', 'frames'] as const) {
  describeWrapper('Python', carrier, open);
  describeCallers('Python', carrier, open);
}
describeFrames('Python', open);
describeUnary('Python', open);

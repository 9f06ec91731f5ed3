import { projectFolder } from './serve-project.ts';

/** Each feature is for one test: what it is given, what it gives, how it fails. */
const FEATURES = `
import os
import sys
import time

import numpy as np


def rush(hour, distance):
    return distance * hour + distance / 3


def shout(carrier):
    return [None if text is None else text + "!" for text in carrier]


def given(flag, count, moment):
    # One digit each: how the argument came. A per-request function is called with one row.
    return 100 * flag + 10 * count + (moment == 1704621600.5)


def rows(moment):
    return np.full(len(moment), len(moment))


def process(moment):
    return np.full(len(moment), os.getpid())


def later(moment):
    return moment + 0.25


def picky(distance):
    if np.nanmax(distance) > 1e9:
        raise ValueError("too far")
    return distance


def leaves(distance):
    return sys.exit() if np.nanmax(distance) > 1e9 else distance


def shape(distance):
    """What it returns is the first row's choice."""
    size = len(distance)
    kinds = {
        1: np.zeros(size + 1),
        2: ["far"] * size,
        3: None,
        4: 4.0,
        5: np.array([np.inf, -np.inf, np.nan, 5.0][:size]),
        6: [6, None, True, np.float32(0.5)][:size],
        7: np.ma.array(np.full(size, 7.0), mask=np.arange(size) == 1),
        8: np.zeros((size, 2)),
        9: [b"bytes"] * size,
    }
    return kinds.get(int(distance[0]), distance)


def whole(distance):
    """Held up for as long as there is a file of that name beside this one."""
    while distance[0] == 5e6 and os.path.exists(os.path.join(os.path.dirname(__file__), "held-up")):
        time.sleep(0.01)
    return distance


def pause(distance):
    if distance[0] == 2e6:
        raise ValueError("not today")
    if distance[0] == 1e6:
        time.sleep(60)
    return distance
`;

const call = (type: string, name: string, args: string, more = ''): string =>
  `  ${name}: { type: ${type}, function: './features.py:${name}', batch: true, args: { ${args} }${more} }\n`;

const yaml = (python: string): string => `
version: 1
project: functions
timezone: UTC
asOf: request.time
inputs:
  request: { time: timestamp }
  instance: { distance: 'double?', carrier: 'string?', flag: 'bool?', count: 'int64?' }
overrides: [rush, outer]
onDemand:
  hour: { type: double, cel: double(request.time.getHours()) }
  rush_cel: { type: double, cel: instance.distance * hour + instance.distance / 3.0 }
  twice: { type: double, cel: rush * 2.0 }
  outer: { type: double, cel: pause + 1.0 }
  rush_of_twice: { type: double, function: './features.py:rush', batch: true, args: { hour: hour, distance: twice } }
${call('double', 'rush', 'hour: hour, distance: instance.distance')}
${call('string', 'shout', 'carrier: instance.carrier')}
${call('double', 'given', 'flag: instance.flag, count: instance.count, moment: request.time')}
${call('double', 'rows', 'moment: request.time')}
${call('double', 'process', 'moment: request.time')}
${call('timestamp', 'later', 'moment: request.time')}
${call('double', 'picky', 'distance: instance.distance', ', default: 7.5')}
${call('double', 'leaves', 'distance: instance.distance')}
${call('double', 'shape', 'distance: instance.distance')}
  whole: { type: int64, function: './features.py:whole', batch: true, args: { distance: instance.distance } }
${call('double', 'pause', 'distance: instance.distance', ', onError: fail')}
models:
  all:
    deadline: 10s
    features:
      - instance.distance
      - hour
      - rush
      - rush_cel
      - twice
      - rush_of_twice
      - given
      - rows
      - process
      - later
      - picky
      - leaves
      - shape
      - whole
      - { name: shout, from: shout, default: nothing }
    wrapper: { predictor: ./predictor.ts, python: ${python}, tensors: columns }
  hangs:
    deadline: 600ms
    features: [outer]
    wrapper: { predictor: ./predictor.ts, python: ${python}, hangAfter: 1s }
`;

const PREDICTOR = `
export default class Sum {
  predict({ rows }) {
    return new Float64Array(rows);
  }
}
`;

/** A folder whose YAML has features made by functions, for an interpreter. */
export const functionsProject = (python: string): ReturnType<typeof projectFolder> =>
  projectFolder({ 'tandem.yaml': yaml(python), 'features.py': FEATURES, 'predictor.ts': PREDICTOR });

import { expect, it } from 'vitest';
import { functionsAddress, functionsOf } from '../../config/model-functions.ts';
import { checkedOf } from '../orchestrator/planted.ts';

const addressOf = (onDemand: string, model = 'm'): string => {
  const checked = checkedOf(`
version: 1
project: p
inputs: { instance: { km: double, n: int64 } }
onDemand:
  near: ${onDemand}
  far: { type: double, function: ./f.py:far, batch: true, args: { km: half } }
  half: { type: double, cel: near / 2.0 }
  idle: { type: double, function: ./f.py:idle, batch: true, args: { km: instance.km } }
models: { m: { features: [far] }, n: { features: [idle] } }`);
  return functionsAddress(model, functionsOf(checked, model));
};
const NEAR = '{ type: double, function: ./f.py:near, batch: true, args: { km: instance.km } }';

it('a model has the functions that it needs through others, and no more', () => {
  const checked = checkedOf(`
version: 1
project: p
inputs: { instance: { km: double } }
onDemand:
  near: ${NEAR}
  half: { type: double, cel: near / 2.0 }
  far: { type: double, function: ./f.py:far, batch: true, args: { km: half } }
  idle: { type: double, function: ./f.py:idle, batch: true, args: { km: instance.km } }
models: { m: { features: [far] }, n: { features: [instance.km], fallback: { cel: "near == null ? 0.0 : 1.0" } } }`);
  expect(functionsOf(checked, 'm').map(({ feature }) => feature)).toEqual(['near', 'far']);
  expect(functionsOf(checked, 'n').map(({ feature }) => feature)).toEqual(['near']);
});

it('the address says which functions are called with what, and nothing else', () => {
  const address = addressOf(NEAR);
  expect(address).toMatch(/^unix:m\.functions-[0-9a-f]{8}\.sock$/);
  expect(addressOf(NEAR.replace('km: instance.km', 'km: instance.km * 2.0'))).toBe(address);
  expect(addressOf(NEAR.replace(/ }$/, ', default: 1 }'))).toBe(address);
  for (const other of [
    NEAR.replace('./f.py', './g.py'),
    NEAR.replace(':near', ':nearer'),
    NEAR.replace('km: instance.km', 'miles: instance.km'),
    NEAR.replace('km: instance.km', 'km: instance.n'),
  ]) {
    expect(addressOf(other)).not.toBe(address);
  }
});

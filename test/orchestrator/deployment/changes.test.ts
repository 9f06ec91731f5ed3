import { describe, expect, it } from 'vitest';
import type { Config } from '../../../config/schema.ts';
import { changesOf, nextStartChanges, wrapperChanges } from '../../../orchestrator/deployment/changes.ts';
import { checkedOf } from '../planted.ts';

const YAML = `
version: 1
project: p
inputs: { instance: { id: string, km: double } }
stores: { online: { type: lmdb } }
views: { plane: { store: online, key: { id: instance.id }, fields: { seats: double } } }
onDemand: { far: { type: double, cel: 'instance.km * 2.0' } }
models: { m: { features: [far, plane.seats], wrapper: { predictor: ./a.js } } }
`;
const config = (text: string): Config => checkedOf(text).config;

describe('what a reload changes', () => {
  it('is nothing where only the text is different', () => {
    expect(changesOf(config(YAML), config(`# a comment\n${YAML}`))).toEqual([]);
  });

  it('is told of names that every object has in JavaScript, too', () => {
    const named = YAML.replaceAll('far', 'toString');
    expect(changesOf(config(YAML), config(named))).toEqual(['-onDemand.far', '+onDemand.toString', '~models.m']);
    expect(changesOf(config(named), config(YAML))).toEqual(['-onDemand.toString', '+onDemand.far', '~models.m']);
  });

  it('is told entry by entry, added, removed and changed', () => {
    const after = YAML.replace('* 2.0', '* 3.0')
      .replace('plane: { store', 'jet: { store')
      .replace('plane.seats', 'jet.seats');
    expect(changesOf(config(YAML), config(`${after}limits: { instances: 5 }\n`))).toEqual([
      '-views.plane',
      '+views.jet',
      '~onDemand.far',
      '~models.m',
      '~limits',
    ]);
  });

  it('waits for the next start where a listener or the folder of state is concerned', () => {
    const after = `${YAML}server: { http: { port: 9 }, admin: { port: 10 }, stateDir: other, drain: { delay: 1s } }\n`;
    expect(nextStartChanges(config(YAML), config(after))).toEqual([
      'server.http',
      'server.admin.port',
      'server.stateDir',
    ]);
  });

  it('waits for its wrapper where it is the wrapper that reads it', () => {
    const after = YAML.replace('./a.js', './b.js');
    expect([...wrapperChanges(config(YAML), config(after))]).toEqual([['m', ['models.m.wrapper.predictor']]]);
    expect(wrapperChanges(config(YAML), config(YAML)).size).toBe(0);
  });
});

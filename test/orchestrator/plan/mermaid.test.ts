import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../../../orchestrator/plan/describe.ts';
import { drawPlan } from '../../../orchestrator/plan/mermaid.ts';
import { checkedOf } from '../planted.ts';
import { FUNCTIONS_YAML, SERVICES_YAML, STORES_YAML } from './described.ts';

function draw(yaml: string): string[] {
  const checked = checkedOf(yaml);
  return drawPlan(describePlan(compilePlan(checked), checked)).split('\n');
}

const NODE =
  /^ *([a-z]+_\w+)(?:\[\/|\[\(|\{\{|\(|\[\[|\[)"[^"]+"(?:\/\]|\)\]|\}\}|\)|\]\]|\]):::(?:request|object|model)$/;
const EDGE = /^ *([a-z]+_\w+) -->(?:\|"[^"]+"\|)? ([a-z]+_\w+)$/;

describe('a drawn plan', () => {
  it('leads from the inputs over the levels to the model', () => {
    expect(draw(STORES_YAML)).toEqual([
      'flowchart LR',
      '  input_request[/"request<br/>time"/]:::request',
      '  input_instance[/"instance<br/>tail, carrier"/]:::object',
      '  subgraph level_0["level 0"]',
      '    view_plane[("plane<br/>online/plane")]:::object',
      '    view_pulse[("pulse<br/>online/hours")]:::request',
      '  end',
      '  subgraph level_1["level 1"]',
      '    make_age("age"):::object',
      '  end',
      '  features_0["4 features"]:::model',
      '  model_0[["risk"]]:::model',
      '  features_1["1 feature"]:::model',
      '  model_1[["bare"]]:::model',
      '  input_instance -->|"tail"| view_plane',
      '  input_request -->|"time"| view_pulse',
      '  view_plane -->|"year"| make_age',
      '  make_age --> features_0',
      '  view_plane -->|"seats"| features_0',
      '  view_pulse -->|"mean"| features_0',
      '  input_instance -->|"carrier"| features_0',
      '  features_0 --> model_0',
      '  view_pulse -->|"mean"| features_1',
      '  features_1 --> model_1',
      '  classDef request fill:#fde68a,stroke:#b45309,color:#1f2937',
      '  classDef object fill:#bfdbfe,stroke:#1d4ed8,color:#1f2937',
      '  classDef model fill:#bbf7d0,stroke:#15803d,color:#1f2937',
      '',
    ]);
  });

  it('draws a function as a box with its name in its file', () => {
    const lines = draw(FUNCTIONS_YAML);
    expect(lines).toContain('    make_near("near<br/>./f.py:near"):::object');
    expect(lines).toContain('  make_half --> make_last');
    expect(lines).toContain('  make_busy --> features_0');
  });

  it('is Mermaid throughout, and joins only what it has declared', () => {
    const lines = draw(SERVICES_YAML);
    const rest = lines.filter((line) => !NODE.test(line) && !EDGE.test(line));
    expect(
      rest.filter((line) => !/^ *(?:flowchart LR|subgraph level_\d\["level \d"\]|end|classDef .*|)$/.test(line)),
    ).toEqual([]);
    const declared = new Set(lines.flatMap((line) => NODE.exec(line)?.[1] ?? []));
    const joined = new Set(lines.flatMap((line) => EDGE.exec(line)?.slice(1) ?? []));
    expect(joined).toEqual(declared);
  });

  it('draws once what models share, and a view whose key reads another view after it', () => {
    const lines = draw(SERVICES_YAML);
    expect(lines.filter((line) => line.includes('view_sky{{'))).toEqual([
      '    view_sky{{"sky<br/>weather POST /lookup"}}:::object',
    ]);
    expect(lines).toContain('  view_sky -->|"station"| view_station');
  });

  it('takes names that Mermaid has words for, and signs that it reads', () => {
    expect(draw(STORES_YAML.replaceAll('plane', 'end'))).toContain('    view_end[("end<br/>online/end")]:::object');
    const marked = SERVICES_YAML.replace('get: /stations/{name}', `get: '/stations/{name}?is=b&n'`);
    expect(draw(marked)).toContain('    view_station{{"station<br/>weather GET /stations/{name}?is=b#38;n"}}:::object');
  });
});

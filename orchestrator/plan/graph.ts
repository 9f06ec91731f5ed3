import type { Grain, LevelDescription, PlanDescription } from './describe.ts';

/** A node of the DAG as it is drawn. */
export interface GraphNode {
  id: string;
  kind: 'input' | 'store' | 'service' | 'compute' | 'features' | 'model';
  name: string;
  /** A second line: where a view is read, which fields an input has. */
  detail: string;
  per: Grain | 'model';
}

/** What one node takes from another, by name; empty where the node is all there is to take. */
export interface GraphEdge {
  from: string;
  to: string;
  names: string[];
}

export interface PlanGraph {
  inputs: GraphNode[];
  levels: GraphNode[][];
  /** Of each model its features, then itself. */
  models: GraphNode[];
  edges: GraphEdge[];
}

/** The plan as nodes and edges. What models share is one node: a view has the same level in each of them. */
export function graphOf({ models }: PlanDescription): PlanGraph {
  const levels: GraphNode[][] = [];
  const edges = new Edges();
  const seen = new Set<string>();
  for (const [at, level] of models.flatMap((model) => [...model.levels.entries()])) {
    for (const { node, uses } of stepsOf(level)) {
      if (seen.has(node.id)) continue;
      seen.add(node.id);
      (levels[at] ??= []).push(node);
      for (const name of uses) edges.add(name, node.id);
    }
  }
  const ends = models.flatMap(({ model, features }, at): GraphNode[] => {
    const [from, to] = [`features_${at}`, `model_${at}`];
    for (const feature of features) edges.add(feature.from, from);
    edges.join(from, to);
    const count = `${features.length} ${features.length === 1 ? 'feature' : 'features'}`;
    return [
      { id: from, kind: 'features', name: count, detail: '', per: 'model' },
      { id: to, kind: 'model', name: model, detail: '', per: 'model' },
    ];
  });
  return {
    inputs: [inputNode('request', 'request', edges), inputNode('instance', 'object', edges)].filter(
      ({ detail }) => detail !== '',
    ),
    levels,
    models: ends,
    edges: edges.list,
  };
}

function stepsOf({ reads, computes, calls }: LevelDescription): { node: GraphNode; uses: readonly string[] }[] {
  return [
    ...reads.map(({ view, kind, origin, per, uses }) => {
      const node: GraphNode = { id: `view_${view}`, kind, name: view, detail: origin, per };
      return { node, uses };
    }),
    ...computes.map(({ name, per, uses }) => {
      const node: GraphNode = { id: `make_${name}`, kind: 'compute', name, detail: '', per };
      return { node, uses };
    }),
    ...calls.map(({ name, per, uses, function: called }) => {
      const node: GraphNode = { id: `make_${name}`, kind: 'compute', name, detail: called, per };
      return { node, uses };
    }),
  ];
}

/** The inputs of one side, those that anything reads. */
function inputNode(side: 'request' | 'instance', per: Grain, edges: Edges): GraphNode {
  const id = `input_${side}`;
  const names = edges.list.filter(({ from }) => from === id).flatMap((edge) => edge.names);
  return { id, kind: 'input', name: side, detail: [...new Set(names)].join(', '), per };
}

class Edges {
  readonly list: GraphEdge[] = [];

  /** `name` as the YAML has it: an input, a view's field, or an on-demand feature, which alone has no dot. */
  add(name: string, to: string): void {
    const [owner, field] = name.split('.', 2);
    if (field === undefined) this.join(`make_${owner}`, to);
    else this.join(owner === 'request' || owner === 'instance' ? `input_${owner}` : `view_${owner}`, to, field);
  }

  join(from: string, to: string, name?: string): void {
    let edge = this.list.find((each) => each.from === from && each.to === to);
    if (!edge) this.list.push((edge = { from, to, names: [] }));
    if (name !== undefined && !edge.names.includes(name)) edge.names.push(name);
  }
}

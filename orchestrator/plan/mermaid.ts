import type { PlanDescription } from './describe.ts';
import { graphOf, type GraphEdge, type GraphNode } from './graph.ts';

/** The brackets that give a node its shape: a cylinder is stored, a hexagon is asked for, a rounded box is computed. */
const SHAPES: Readonly<Record<GraphNode['kind'], readonly [string, string]>> = {
  input: ['[/', '/]'],
  store: ['[(', ')]'],
  service: ['{{', '}}'],
  compute: ['(', ')'],
  features: ['[', ']'],
  model: ['[[', ']]'],
};

/** Fills with a text colour of their own: read on a light page and on a dark one. */
const STYLES = [
  'classDef request fill:#fde68a,stroke:#b45309,color:#1f2937',
  'classDef object fill:#bfdbfe,stroke:#1d4ed8,color:#1f2937',
  'classDef model fill:#bbf7d0,stroke:#15803d,color:#1f2937',
];

/**
 * The plan as a Mermaid flowchart: inputs, then level by level what is read and computed, then features and models.
 * Once a request is amber, once an object blue.
 */
export function drawPlan(description: PlanDescription): string {
  const { inputs, levels, models, edges } = graphOf(description);
  return [
    'flowchart LR',
    ...inputs.map((node) => `  ${nodeLine(node)}`),
    ...levels.flatMap((nodes, level) => [
      `  subgraph level_${level}["level ${level}"]`,
      ...nodes.map((node) => `    ${nodeLine(node)}`),
      '  end',
    ]),
    ...models.map((node) => `  ${nodeLine(node)}`),
    ...edges.map((edge) => `  ${edgeLine(edge)}`),
    ...STYLES.map((style) => `  ${style}`),
    '',
  ].join('\n');
}

function nodeLine({ id, kind, name, detail, per }: GraphNode): string {
  const [open, close] = SHAPES[kind];
  const text = detail === '' ? escapeText(name) : `${escapeText(name)}<br/>${escapeText(detail)}`;
  return `${id}${open}"${text}"${close}:::${per}`;
}

function edgeLine({ from, to, names }: GraphEdge): string {
  return names.length === 0 ? `${from} --> ${to}` : `${from} -->|"${escapeText(names.join(', '))}"| ${to}`;
}

/** What would end a quoted text or begin markup, as Mermaid's character codes. */
function escapeText(text: string): string {
  return text.replaceAll(/["#<>&]/g, (character) => `#${character.codePointAt(0)};`);
}

import type { Scope } from '../cel/expression.ts';
import { didYouMean } from '../foundation/nearest.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** `overrides` names fields of views and on-demand features, as models do; where a caller sends them follows from them. */
export function checkOverrides(
  config: Config,
  scope: Scope,
  isPerObject: (name: string) => boolean,
  report: Report,
): void {
  const known = [...scope.keys()].filter((name) => !isInput(name));
  for (const [index, name] of config.overrides.entries()) {
    const path = ['overrides', index];
    if (scope.has(name) && !isInput(name)) {
      const side = isPerObject(name) ? 'instance' : 'request';
      if (scope.has(`${side}.${name}`)) {
        const text = `\`${name}\` is also an input of \`${side}\`: a value sent by that name is the input; rename one`;
        report.at(path, 'OVERRIDE_INPUT', text);
      }
      continue;
    }
    const [side, ...rest] = name.split('.');
    const meant = rest.join('.');
    if (isInput(name) && scope.has(meant)) {
      const place = isPerObject(meant) ? 'instance' : 'request';
      const why =
        side === place
          ? `is sent in \`${place}\` as it is: write \`${meant}\``
          : `is per ${place === 'request' ? 'request' : 'object'}, so callers send it in \`${place}\`: write \`${meant}\``;
      report.at(path, 'OVERRIDE_SCOPE', `\`${meant}\` ${why}`);
    } else if (!report.broken.mayDefine(name)) {
      const why = scope.has(name)
        ? 'is an input, which callers send anyway'
        : `is no field of a view and no on-demand feature${didYouMean(name, known)}`;
      report.at(path, 'OVERRIDE_NAME', `\`${name}\` ${why}`);
    }
  }
}

function isInput(name: string): boolean {
  return name.startsWith('instance.') || name.startsWith('request.');
}

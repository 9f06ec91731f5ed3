/** Why a text is no origin that a service can be pinned to, as the end of a sentence. */
export function originProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'is no `http://` or `https://` URL';
  if (url.username !== '' || url.password !== '') return 'holds a user: send it as a header';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return 'is a scheme, host and port, no more: a path stands in `get` or `batch.post` of the views';
  }
  return undefined;
}

/** Why a text is no path (and query) below a pinned origin, as the end of a sentence. */
export function pathProblem(text: string): string | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text))
    return 'names a host: that stands in the `url` of the service, this is a path';
  if (text.startsWith('//') || /^\/*\\/.test(text)) return 'would name another host: a path begins with one /';
  if (!text.startsWith('/')) return 'is no path: it begins with /';
  const odd = /[\\#"<>[\]^`|\p{Cc}\s]/u.exec(text)?.[0];
  if (odd !== undefined) return `has ${JSON.stringify(odd)} in it, which no path has`;
  const [path = ''] = text.split('?', 1);
  if (path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment)))
    return 'goes up by `.` or `..`: write it out';
  return undefined;
}

/** The names in the braces of a template, in their order, each a whole path segment or query value. */
export function readTemplate(text: string): { names: string[]; problem: string | undefined } {
  const names = Array.from(text.matchAll(/\{([^{}]*)\}/g), ([, name = '']) => name);
  const bare = text.replace(/\{[^{}]*\}/g, '');
  if (/[{}]/.test(bare)) return { names, problem: 'a { has no } or a } no {' };
  const [path = '', query = ''] = text.split('?', 2);
  const places = [...path.split('/'), ...query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1))];
  const whole = new Set(places.filter((place) => /^\{[^{}]*\}$/.test(place)));
  const partial = names.find((name) => !whole.has(`{${name}}`));
  const problem = partial === undefined ? undefined : `\`{${partial}}\` is not a whole path segment or query value`;
  return { names, problem };
}

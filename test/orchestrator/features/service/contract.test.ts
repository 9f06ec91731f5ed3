import { unescapeKeyPart } from '../../../../orchestrator/features/service/key-parts.ts';
import type { ServiceView } from '../../../../orchestrator/features/service/service-view.ts';
import { encodeRow } from '../../../../orchestrator/features/store/json-row.ts';
import { describeSource, type SourceUnderTest } from '../source-contract.ts';
import { batchView, getView, openTestService, TestServer } from './wire.ts';

/** A service that has tables, each row the text that it was written as. */
async function openTables(viewOf: (table: string) => ServiceView): Promise<SourceUnderTest> {
  const rows = new Map<string, string>();
  const server = await TestServer.open(({ method, target, body }, response) => {
    const [, table, id] = target.split('/').map(decodeURIComponent);
    if (method === 'GET') {
      const row = rows.get(`${table}/${id}`);
      return row === undefined ? response.writeHead(404).end() : response.end(row);
    }
    const { keys } = JSON.parse(body) as { keys: { id: string }[] };
    const items = keys.flatMap((key) => {
      const row = rows.get(`${table}/${key.id}`);
      const start = `{"id":${JSON.stringify(key.id)}`;
      return row === undefined ? [] : [row === '{}' ? `${start}}` : `${start},${row.slice(1)}`];
    });
    response.end(`{"items":[${items.join(',')}]}`);
  });
  const service = await openTestService(server.url);
  const put = (table: string, key: string, text: string): void => {
    rows.set(`${table}/${unescapeKeyPart(key)}`, text);
  };
  return {
    source: (table) => service.source({ ...viewOf(table), timestamp: '/_ts' }),
    write(table, ...written) {
      for (const row of written) put(table, row.key, encodeRow(row));
      return Promise.resolve();
    },
    writeRaw(table, key, value) {
      put(table, key, value);
      return Promise.resolve();
    },
    async close() {
      await service.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describeSource('of a service, a key a call', { from: 'service', hasOwnTexts: true }, () =>
  openTables((table) => getView(`/${table}/{id}`)),
);

describeSource('of a service, a batch a call', { from: 'service', hasOwnTexts: false }, () =>
  openTables((table) => {
    const view = batchView(64);
    return { ...view, batch: { ...view.batch!, post: `/${table}` } };
  }),
);

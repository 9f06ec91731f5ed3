import * as couchbase from 'couchbase';
import { expect, test } from 'vitest';
import { failedRequest } from '../../../../orchestrator/features/store/couchbase-failure.ts';

const contextOf = (...reasons: string[]): couchbase.ErrorContext =>
  new couchbase.ErrorContext({ retry_reasons: reasons } as unknown as couchbase.KeyValueErrorContext);
const cause = new Error('of the client');

test.each([
  ['a time-out is late', new couchbase.UnambiguousTimeoutError(cause, contextOf()), 'did not answer in time'],
  ['also of a write', new couchbase.AmbiguousTimeoutError(cause, contextOf()), 'did not answer in time'],
  [
    'a collection that the client waits for in vain is missing',
    new couchbase.UnambiguousTimeoutError(cause, contextOf('key_value_collection_outdated')),
    'has no such scope or collection',
  ],
  [
    'what a user may not read is refused',
    new couchbase.AuthenticationFailureError(cause, contextOf()),
    'refused the request',
  ],
])('%s', (_name, failure, problem) => {
  const said = failedRequest(couchbase, 'online', failure);
  expect(said).toMatchObject({ message: `The store "online" ${problem}.`, cause: failure });
  expect(said.code).toBe(problem === 'did not answer in time' ? 'DEADLINE_EXCEEDED' : 'FEATURE_UNAVAILABLE');
});

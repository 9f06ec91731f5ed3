import { expect, test } from 'vitest';
import { lastStatement } from '../../data/sql-statements.ts';

test.each([
  ['SELECT 1', '', 'SELECT 1'],
  ['SELECT 1;;', '', 'SELECT 1'],
  ["SET a = ';'; SELECT ';' AS \";\" -- ;", "SET a = ';';", 'SELECT \';\' AS ";" -- ;'],
  ['a; /* ; */ b; -- c', 'a;', '/* ; */ b'],
  ['a; SELECT $$;$$, $x$;$$;$x$', 'a;', 'SELECT $$;$$, $x$;$$;$x$'],
  [String.raw`a; SELECT e'\';', LIKE'\'`, 'a;', String.raw`SELECT e'\';', LIKE'\'`],
  ["a; SELECT 'it''s;'", 'a;', "SELECT 'it''s;'"],
])('the last statement of %j', (sql, before, last) => {
  expect(lastStatement(sql)).toEqual({ before, last });
});

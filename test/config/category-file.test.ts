import { describe, expect, it } from 'vitest';
import { readCategoryText } from '../../config/category-file.ts';

describe('a file of categories', () => {
  it.each([
    ['a.json', '["AA", "", "B,6", "\\u2028"]\n', ['AA', '', 'B,6', '\u2028']],
    ['a.txt', 'AA\nB 6 \n9E', ['AA', 'B 6 ', '9E']],
    ['a.txt', 'AA\r\nB6\r\n', ['AA', 'B6']],
    ['carriers', '["AA"]\n', ['["AA"]']],
  ])('%s with %j lists', (name, text, categories) => {
    expect(readCategoryText(name, text)).toEqual({ categories });
  });

  it.each([
    ['a.json', '', 'this is no JSON; write an array of strings, or one category a line in a file that is no .json'],
    ['a.json', '{"AA": 0}', 'this is no array; write an array of strings'],
    ['a.json', '["AA", 7]', 'item 1 is 7, and a category is a string'],
    ['a.json', '[null]', 'item 0 is null, and a category is a string'],
    ['a.txt', 'AA\n\nB6\n', 'line 2 is empty; an empty category can be listed in a .json'],
  ])('%s with %j is refused', (name, text, problem) => {
    expect(readCategoryText(name, text)).toEqual({ problem: `\`${name}\`: ${problem}` });
  });

  it('has at least one category, and each once', () => {
    expect(readCategoryText('a.json', '[]')).toEqual({ problem: '`a.json` lists no category' });
    expect(readCategoryText('a.txt', '\n')).toEqual({ problem: '`a.txt` lists no category' });
    expect(readCategoryText('a.txt', 'AA\nB6\nAA')).toEqual({
      problem: '`a.txt` lists `AA` twice, as the codes 0 and 2: a category has one code',
    });
  });
});

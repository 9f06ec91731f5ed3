import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problemLine, styled, terminalColumns } from '../../cli/terminal.ts';

/** A terminal's own count of colours is what reads the environment. */
const getColorDepth = (): number => WriteStream.prototype.getColorDepth();
const stream = (isTTY: boolean, columns?: number) =>
  Object.assign(new PassThrough(), { isTTY, columns, ...(isTTY ? { getColorDepth } : {}) });
const terminal = stream(true);
const pipe = stream(false);
const RED = '\u001b[31mno\u001b[39m';

beforeEach(() => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('colours', () => {
  it('are for terminals', () => {
    expect(styled(terminal, 'red', 'no')).toBe(RED);
    expect(styled(pipe, 'red', 'no')).toBe('no');
  });

  it('are left out where NO_COLOR is set, and there in a pipe where FORCE_COLOR is', () => {
    vi.stubEnv('NO_COLOR', '1');
    expect(styled(terminal, 'red', 'no')).toBe('no');
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', '1');
    expect(styled(pipe, 'red', 'no')).toBe(RED);
  });

  it('show a severity and leave the words of a problem as they are', () => {
    const problem = {
      file: 'tandem.yaml',
      line: 3,
      column: 7,
      severity: 'warning',
      code: 'SOME_RULE',
      message: "$' and $& stay",
    } as const;
    expect(problemLine(pipe, problem)).toBe("tandem.yaml:3:7 warning SOME_RULE $' and $& stay");
    vi.stubEnv('FORCE_COLOR', '1');
    expect(problemLine(pipe, problem)).toBe(
      "tandem.yaml:3:7 \u001b[33mwarning\u001b[39m \u001b[2mSOME_RULE\u001b[22m $' and $& stay",
    );
  });
});

describe('the width', () => {
  it('is the terminal’s, or 80 where it does not say', () => {
    expect(terminalColumns(stream(true, 120))).toBe(120);
    expect(terminalColumns(stream(true, 0))).toBe(80);
    expect(terminalColumns(stream(true))).toBe(80);
  });

  it('is nobody’s where no terminal is', () => {
    expect(terminalColumns(stream(false, 120))).toBeUndefined();
  });
});

import { wrapCommand } from '../../cli/wrap.ts';

/** `tandem wrap` alone: what the tests of the wrapper start, without the modules of the other commands. */
await wrapCommand().parseAsync();

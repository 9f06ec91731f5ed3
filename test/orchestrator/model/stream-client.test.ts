import { expect, test } from 'vitest';
import { connect, matrix, within } from './client-calls.ts';
import { echo, startPeer } from './peer.ts';
import { describeBreaks } from './stream-breaks-contract.ts';
import { describeStreamClient } from './stream-client-contract.ts';
import { describeLimits } from './stream-limits-contract.ts';

for (const carrier of ['ModelStreamInfer', 'frames'] as const) {
  describeStreamClient(carrier);
  describeLimits(carrier);
  describeBreaks(carrier);
}

test('frames carry the calls where they are offered, and ModelStreamInfer where their socket is not there', async () => {
  for (const [carrier, carried] of [
    ['frames', 'frames'],
    ['frames without a socket', 'ModelStreamInfer'],
  ] as const) {
    await using peer = await startPeer({ carrier, onParts: (parts, reply) => reply(parts.map(echo)) });
    await using client = await connect(peer);
    expect((await client.infer(matrix(7), within(1000))).outputs[0].data).toEqual(Float64Array.of(7));
    expect(peer.carried).toEqual([carried]);
  }
});

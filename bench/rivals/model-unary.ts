import { parseArgs } from 'node:util';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { FEATURES, scoreRows } from '../linear/model.ts';
import { bytesOf, doublesOf, InferenceClient, type InferRequest, type InferResponse } from './open-inference.ts';

/** The bare stack's model process: ModelInfer, one call a request. */
const { values: options } = parseArgs({ options: { socket: { type: 'string' } } });

const ModelInfer: handleUnaryCall<InferRequest, InferResponse> = ({ request }, callback) => {
  const matrix = doublesOf(request.raw_input_contents[0]);
  const scores = new Float64Array(matrix.length / FEATURES);
  scoreRows(matrix, scores.length, scores);
  callback(null, {
    model_name: request.model_name,
    outputs: [{ name: 'scores', datatype: 'FP64', shape: [scores.length] }],
    raw_output_contents: [bytesOf(scores)],
  });
};

const server = new Server();
server.addService(InferenceClient.service, { ModelInfer });
server.bindAsync(`unix:${options.socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log(JSON.stringify({ event: 'listening' }));
});
process.once('SIGTERM', () => process.exit(0));

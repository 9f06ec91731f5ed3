"""
A predictor as one writes it by hand on grpc.aio, over a Unix socket: ModelInfer of the Open Inference Protocol, one unary
call a request. With `--stream` it is Tandem's stream at its barest: the requests that a client merged into one message are
scored one by one and answered in one. No validation, deadlines, cancels, errors, threads or health. The messages are
protobuf's own, made as `protoc` makes them.
"""

import argparse
import asyncio
import json

import grpc
import numpy as np
from linear import score_rows
from tandem_wrapper import messages as pb
from tandem_wrapper.wire import encode_stream_response

parser = argparse.ArgumentParser()
parser.add_argument("--socket", required=True)
parser.add_argument("--stream", action="store_true")
parser.add_argument("--no-op", action="store_true", help="zeros instead of the linear model")
options = parser.parse_args()
predict = (lambda matrix: np.zeros(len(matrix))) if options.no_op else score_rows


async def infer(request, _context):
    matrix = np.frombuffer(request.raw_input_contents[0]).reshape(request.inputs[0].shape)
    scores = predict(matrix)
    response = pb.ModelInferResponse(model_name=request.model_name, raw_output_contents=[scores.tobytes()])
    response.outputs.add(name="scores", datatype="FP64", shape=[len(scores)])
    return response


async def stream(requests, _context):
    async for request in requests:
        table = np.frombuffer(request.raw_input_contents[0], np.int64).reshape(-1, 3)
        matrix = np.frombuffer(request.raw_input_contents[1]).reshape(request.inputs[1].shape)
        ends = np.cumsum(table[:, 1])
        scores = [predict(rows) for rows in np.split(matrix, ends[:-1])]
        answered = table * (1, 1, 0)
        raws = [answered.tobytes(), b"".join(map(np.ndarray.tobytes, scores))]
        response = pb.ModelInferResponse(model_name=request.model_name, raw_output_contents=raws)
        response.outputs.add(name="tandem.parts", datatype="INT64", shape=table.shape)
        response.outputs.add(name="scores", datatype="FP64", shape=[len(matrix)])
        yield encode_stream_response(response.SerializeToString())


async def ready(_request, _context):
    return pb.ModelReadyResponse(ready=True)


async def metadata(_request, _context):
    return pb.ServerMetadataResponse(name="bare", extensions=["tandem.stream.v1"] if options.stream else [])


async def load(_request, _context):
    return pb.RepositoryModelLoadResponse()


def unary(handle, request):
    def serialize(response):
        return response.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(handle, request.FromString, serialize)


async def main() -> None:
    handlers = {
        "ModelInfer": unary(infer, pb.ModelInferRequest),
        "ModelStreamInfer": grpc.stream_stream_rpc_method_handler(stream, pb.ModelInferRequest.FromString),
        "ModelReady": unary(ready, pb.ModelReadyRequest),
        "ServerMetadata": unary(metadata, pb.ServerMetadataRequest),
        "RepositoryModelLoad": unary(load, pb.RepositoryModelLoadRequest),
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("inference.GRPCInferenceService", handlers),))
    server.add_insecure_port(f"unix:{options.socket}")
    await server.start()
    print(json.dumps({"event": "listening"}), flush=True)
    await server.wait_for_termination()


asyncio.run(main())

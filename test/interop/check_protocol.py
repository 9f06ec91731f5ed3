"""Our wrapper, called by Triton's own client as the Open Inference Protocol server that it is.

usage: check_protocol.py ADDRESS FEATURES.parquet OUTPUT…, the outputs that the model's metadata must list.
"""

import queue
import sys

import grpc
import numpy as np
import pyarrow.parquet as pq
from tritonclient.grpc import InferenceServerClient, InferInput, InferRequestedOutput, InferResult, service_pb2
from tritonclient.utils import InferenceServerException

from checks import check, finish

MODEL = "delay-risk"
ROWS = 100
TIMEOUT_S = 10

address, parquet, *outputs = sys.argv[1:]
table = pq.read_table(parquet).slice(0, ROWS)
columns = [name.removesuffix(".status") for name in table.column_names if name.endswith(".status")]
matrix = np.column_stack([table[name].to_numpy() for name in columns])
expected = table["prediction"].to_numpy()
client = InferenceServerClient(address)


def status_of(call) -> str:
    try:
        call()
    except InferenceServerException as error:
        return error.status().removeprefix("StatusCode.")
    return "OK"


check("server live and ready", client.is_server_live() and client.is_server_ready())
server = client.get_server_metadata()
check("server metadata", server.name != "" and server.version != "", f"{server.name} {server.version}")
check("its extensions name the merged stream", "tandem.stream.v1" in server.extensions, ", ".join(server.extensions))
check("model ready", client.is_model_ready(MODEL))

metadata = client.get_model_metadata(MODEL)
described = "; ".join(f"{tensor.name} {tensor.datatype}{list(tensor.shape)}" for tensor in (*metadata.inputs, *metadata.outputs))
check("model metadata lists one input and these outputs", [output.name for output in metadata.outputs] == outputs, described)
(given,) = metadata.inputs
check("the input is as wide as the batch has features", list(given.shape) == [-1, len(columns)])
missing = status_of(lambda: client.get_model_metadata("nobody"))
check("metadata of an unknown model is NOT_FOUND", missing == "NOT_FOUND", missing)

matrix = matrix.astype({"FP64": np.float64, "FP32": np.float32}[given.datatype])


def tensor(values: np.ndarray) -> InferInput:
    made = InferInput(given.name, list(values.shape), given.datatype)
    made.set_data_from_numpy(np.ascontiguousarray(values))
    return made


def risk(result: InferResult) -> np.ndarray:
    """The last column of the last output: a class answers [N], the ONNX file its label and probabilities [N, 2]."""
    values = result.as_numpy(result.get_response().outputs[-1].name)
    return values.reshape(len(values), -1)[:, -1].astype(np.float64)


answer = client.infer(MODEL, [tensor(matrix)], request_id="seven")
response = answer.get_response()
check("ModelInfer with raw contents gives what Tandem answered", np.array_equal(risk(answer), expected), f"{ROWS} rows")
echoed = (response.id, response.model_name, response.model_version)
check("it names the call, the model and its version", echoed == ("seven", MODEL, metadata.versions[0]), ", ".join(echoed))
last = response.outputs[-1].name
chosen = client.infer(MODEL, [tensor(matrix)], outputs=[InferRequestedOutput(last)])
names = [output.name for output in chosen.get_response().outputs]
check("ModelInfer answers the output that was asked for", names == [last] and np.array_equal(risk(chosen), expected), ", ".join(names))

request = service_pb2.ModelInferRequest(model_name=MODEL)
typed = request.inputs.add(name=given.name, datatype=given.datatype, shape=list(matrix.shape))
contents = typed.contents.fp64_contents if given.datatype == "FP64" else typed.contents.fp32_contents
contents.extend(matrix.reshape(-1).tolist())
with grpc.insecure_channel(address) as channel:
    infer = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelInfer",
        request_serializer=service_pb2.ModelInferRequest.SerializeToString,
        response_deserializer=service_pb2.ModelInferResponse.FromString,
    )
    by_values = InferResult(infer(request, timeout=TIMEOUT_S))
check("ModelInfer with typed contents agrees", np.array_equal(risk(by_values), expected), f"{ROWS} rows")

narrow = status_of(lambda: client.infer(MODEL, [tensor(matrix[:, :-1])]))
check("a matrix of another width is INVALID_ARGUMENT", narrow == "INVALID_ARGUMENT", narrow)
unknown = status_of(lambda: client.infer("nobody", [tensor(matrix)]))
check("ModelInfer of an unknown model is NOT_FOUND", unknown == "NOT_FOUND", unknown)

answers: queue.Queue = queue.Queue()
client.start_stream(callback=lambda result, error: answers.put((result, error)))
sizes = (1, 10, ROWS)
for size in sizes:
    client.async_stream_infer(MODEL, [tensor(matrix[:size])], request_id=str(size))
received = [answers.get(timeout=TIMEOUT_S) for _ in sizes]
client.stop_stream()
errors = [str(error) for _, error in received if error is not None]
check("ModelStreamInfer takes ordinary messages", errors == [], "; ".join(errors) or f"{len(sizes)} of them")
for result, error in received:
    if error is None:
        size = int(result.get_response().id)
        check(f"its answer of {size} rows agrees", np.array_equal(risk(result), expected[:size]))
finish()

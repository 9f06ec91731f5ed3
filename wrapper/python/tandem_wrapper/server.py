"""The Open Inference Protocol over one model, with health and reflection beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from . import messages as pb
from .errors import WrapperError, as_wrapper_error
from .exhaustion import end_if_exhausted
from .frames import FramesServer, frames_path
from .grpc_stream import GrpcSink, run_call
from .host import Host, LoadedModel
from .layout import LOAD_HEADER
from .logs import error_fields, log
from .one_answer import OneAnswer
from .open_hosted import has_code
from .ordinary import ordinary_part, ordinary_response
from .parts import ATOMIC_EXTENSION, FRAMES_EXTENSION, STREAM_EXTENSION
from .sockets import clear_socket, set_socket_mode
from .stream import MessageSink, StreamSession

_SERVICE = "inference.GRPCInferenceService"
_MAX_MESSAGE_BYTES = 16 * 1024**2
_DRAIN_CHECK_SECONDS = 0.02
Handler = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]


class WrapperServer:
    """Listens on the spec's address, and answers for the host's model."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._sessions: dict[StreamSession, LoadedModel | None] = {}
        """The streams, with the load that each holds."""
        self._frames = FramesServer(self._begin, self._end, _MAX_MESSAGE_BYTES)
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
            ]
        )
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, self._handlers()),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)

    async def listen(self) -> None:
        """Raises NOT_READY where the address is taken."""
        address = self._host.spec.address
        path = address.removeprefix("unix:") if address.startswith("unix:") else None
        beside = None if path is None else frames_path(path)
        if path is not None:
            clear_socket(path)
        if beside is not None:
            await self._frames.listen(beside, self._host.spec.socket_mode)
        try:
            self._server.add_insecure_port(address)
        except RuntimeError as cause:
            raise WrapperError("NOT_READY", f"The wrapper cannot listen on {address}.") from cause
        if path is not None:
            set_socket_mode(path, self._host.spec.socket_mode)
        await self._server.start()

    async def tell_health(self) -> None:
        """Tells the health service what the host is now."""
        status = health_pb2.HealthCheckResponse.SERVING if self._host.is_ready else health_pb2.HealthCheckResponse.NOT_SERVING
        for service in ("", _SERVICE):
            await self._health.set(service, status)

    async def drain(self, seconds: float) -> None:
        """
        Says that it is not ready, goes on answering until every caller has left or the time is over, then closes. The
        orchestrator holds its stream for as long as its own callers wait, so the stream's end is its sign.
        """
        self._host.drain()
        await self.tell_health()
        end = time.monotonic() + seconds
        while (self._sessions or self._host.pending) and time.monotonic() < end:
            await asyncio.sleep(_DRAIN_CHECK_SECONDS)
        for session in list(self._sessions):
            session.end()
        await self.close()

    async def close(self, grace: float = 0.1) -> None:
        """Lets answers that are made already reach their callers, for so many seconds at most, and hangs up."""
        await asyncio.gather(self._server.stop(grace), self._frames.close(grace))

    def _handlers(self) -> dict[str, grpc.RpcMethodHandler]:
        host = self._host

        async def live(_request: Any, _context: Any) -> Any:
            return pb.ServerLiveResponse(live=True)

        async def ready(_request: Any, _context: Any) -> Any:
            return pb.ServerReadyResponse(ready=host.is_ready)

        async def model_ready(request: Any, _context: Any) -> Any:
            # Also while it drains: the orchestrator drains at the same time, and must not turn its last callers away.
            try:
                host.find(request.name, request.version)
            except WrapperError:
                return pb.ModelReadyResponse(ready=False)
            return pb.ModelReadyResponse(ready=True)

        async def server_metadata(_request: Any, _context: Any) -> Any:
            extensions = ["model_repository", STREAM_EXTENSION, f"tandem.replicas.{host.spec.replicas}"]
            if self._frames.is_listening:
                extensions.append(FRAMES_EXTENSION)
            if isinstance(host.current, LoadedModel) and host.current.is_atomic:
                extensions.append(ATOMIC_EXTENSION)
            return pb.ServerMetadataResponse(name="tandem-wrapper", version=_package_version(), extensions=extensions)

        async def model_metadata(request: Any, _context: Any) -> Any:
            model = host.find(request.name, request.version)
            platform = "tandem" if has_code(host.spec.predictor) else host.spec.predictor
            response = pb.ModelMetadataResponse(name=request.name, versions=[model.version], platform=platform)
            for name, datatype, shape in model.layout.inputs():
                response.inputs.add(name=name, datatype=datatype, shape=shape)
            for output in model.outputs:
                response.outputs.add(name=output.name, datatype=output.datatype, shape=output.shape)
            return response

        async def repository_index(_request: Any, _context: Any) -> Any:
            response = pb.RepositoryIndexResponse()
            model = host.current
            if isinstance(model, LoadedModel):
                response.models.add(name=host.spec.model, version=model.version, state="READY")
            else:
                response.models.add(name=host.spec.model, state="UNAVAILABLE", reason=model.message)
            return response

        async def load(request: Any, _context: Any) -> Any:
            if request.model_name != host.spec.model:
                host.find(request.model_name, "")
            await host.load(request.parameters)
            return pb.RepositoryModelLoadResponse()

        unary: dict[str, tuple[Handler, Any]] = {
            "ServerLive": (live, pb.ServerLiveRequest),
            "ServerReady": (ready, pb.ServerReadyRequest),
            "ModelReady": (model_ready, pb.ModelReadyRequest),
            "ServerMetadata": (server_metadata, pb.ServerMetadataRequest),
            "ModelMetadata": (model_metadata, pb.ModelMetadataRequest),
            "RepositoryIndex": (repository_index, pb.RepositoryIndexRequest),
            "RepositoryModelLoad": (load, pb.RepositoryModelLoadRequest),
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                _telling(handle),
                request_deserializer=request.FromString,
                response_serializer=lambda response: response.SerializeToString(),
            )
            for name, (handle, request) in unary.items()
        }
        handlers["ModelInfer"] = grpc.unary_unary_rpc_method_handler(
            _telling(self._infer), request_deserializer=pb.ModelInferRequest.FromString
        )
        handlers["ModelStreamInfer"] = grpc.stream_stream_rpc_method_handler(_telling(self._stream))
        return handlers

    async def _infer(self, request: Any, context: grpc.aio.ServicerContext) -> bytes:
        model = self._host.find(request.model_name, request.model_version)
        sink = OneAnswer()
        remaining = context.time_remaining()
        deadline = None if remaining is None else time.monotonic() + remaining
        part = ordinary_part(model, request, 0, deadline, sink)
        model.runner.accept([part])
        try:
            answer = await sink.answer
        except asyncio.CancelledError:
            part.cancel()
            raise
        if answer.error is not None:
            raise answer.error
        return ordinary_response(request, model.version, answer.outputs)

    async def _stream(self, messages: Any, context: grpc.aio.ServicerContext) -> None:
        load = dict(context.invocation_metadata() or ()).get(LOAD_HEADER)
        sink = GrpcSink(context)
        session = self._begin(sink, None if load is None else str(load))
        try:
            await run_call(session, sink, messages)
        finally:
            self._end(session)

    def _begin(self, sink: MessageSink, load: str | None) -> StreamSession:
        """Raises NOT_READY where no such load is there."""
        held = None if load is None else self._host.hold(load)
        session = StreamSession(self._host, sink, held)
        self._sessions[session] = held
        return session

    def _end(self, session: StreamSession) -> None:
        held = self._sessions.pop(session)
        if held is not None:
            self._host.release(held)


def _telling(handle: Handler) -> Handler:
    """What a handler raises, as a gRPC status; its trailer `tandem-code` carries the exact code of our table."""

    async def told(request: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            return await handle(request, context)
        except Exception as error:
            end_if_exhausted(error)
            failure = as_wrapper_error(error)
            if failure.code == "INTERNAL":
                log.error(failure.message, extra={"fields": {"err": error_fields(failure.__cause__ or failure)}})
            await context.abort(failure.status, failure.message, (("tandem-code", failure.code),))

    return told


def _package_version() -> str:
    try:
        return version("tandem-wrapper")
    except PackageNotFoundError:
        return "0.1.0"

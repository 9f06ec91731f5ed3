"""The command: hosts one predictor behind gRPC until it is told to stop, or loads it and says what is wrong."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from .batching_policy import BatchingLimits
from .errors import WrapperError
from .exhaustion import end_when_exhausted, watch_task
from .functions import Argument, FunctionSpec
from .host import Host, Spec
from .layout import Feature, Layout
from .logs import error_fields, log, start_logging
from .open_hosted import has_code, open_hosted
from .server import WrapperServer

_EXAMPLE = """example:
  python -m tandem_wrapper --predictor predictor.py:DelayRisk --model-uri model --address unix:delay-risk.sock
"""
_BEATS = 5
"""Heartbeats in one `hang_after`: a few may be late without harm."""


def main() -> int:
    """Exits 0 after a drain, 1 where the predictor does not load or hangs, 2 on wrong usage."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.check:
        return _check(read_spec(json.loads(sys.stdin.readline())))
    if arguments.supervised is None:
        if arguments.predictor is None or arguments.address is None:
            parser.error("--predictor and --address are required")
        if arguments.model_uri is None and not has_code(arguments.predictor):
            parser.error(f"--model-uri is required: --predictor {arguments.predictor} opens it")
        report, spec = None, _spec_of(arguments)
    else:
        report = os.fdopen(arguments.supervised, "w", buffering=1)
        spec = read_spec(json.loads(sys.stdin.readline()))
    start_logging(spec.log_level)
    try:
        return asyncio.run(_host(spec, report))
    except WrapperError as failure:
        cause = failure.__cause__
        fields = {"model": spec.model, **({"err": error_fields(cause)} if cause else {})}
        log.critical(failure.message, extra={"fields": fields})
        return 1


def _check(spec: Spec) -> int:
    """Loads the predictor; prints what is wrong as JSON, and where in the researcher's code it was to stderr."""
    start_logging("silent")
    # What it prints while it loads is not for who reads our answer.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            open_hosted(spec, spec.layout)
            problem = None
        except WrapperError as failure:
            problem = failure.message
            if failure.__cause__ is not None:
                traceback.print_exception(failure.__cause__)
    print(json.dumps({"problem": problem}))
    return 0


async def _host(spec: Spec, report: Any) -> int:
    loop = asyncio.get_running_loop()
    end_when_exhausted(loop)
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    if report is None:
        loop.add_signal_handler(signal.SIGINT, stopping.set)
    else:
        # Ctrl-C reaches the whole group: the supervisor hears it too, and sends SIGTERM when it is time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Its end of our stdin is closed when it is gone, however it went: nobody else would stop us.
        loop.add_reader(sys.stdin.fileno(), lambda: os._exit(1))
    host = Host(spec)
    beating = asyncio.create_task(_beat(host, report))
    watch_task(beating)
    server = WrapperServer(host)
    loading = asyncio.create_task(host.load_own())
    try:
        await server.listen()
        await asyncio.wait([loading, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            # Nobody can end the thread that loads, and a return would wait for it.
            await server.close()
            os._exit(0)
        model = await loading
    except WrapperError:
        # Those who wait for the load are told why before the process goes.
        await server.close()
        raise
    await server.tell_health()
    _say(report, {"kind": "loaded", "version": model.version})
    log.info("The model is loaded", extra={"fields": {"model": spec.model, "version": model.version}})
    await stopping.wait()
    await server.drain(spec.drain_timeout)
    beating.cancel()
    return 0


async def _beat(host: Host, report: Any) -> None:
    hang_after = host.spec.hang_after
    interval = max(0.01, min(1.0, hang_after / _BEATS))
    while True:
        _say(report, {"kind": "heartbeat"})
        if host.is_stuck(hang_after):
            problem = "`predict` has not returned for %s s; the process ends, and is started again by who supervises it"
            log.critical(problem, hang_after, extra={"fields": {"model": host.spec.model}})
            # Not sys.exit: the thread that hangs would be waited for.
            os._exit(1)
        await asyncio.sleep(interval)


def _say(report: Any, message: dict[str, str]) -> None:
    if report is None:
        return
    try:
        report.write(json.dumps(message) + "\n")
    except BrokenPipeError:
        os._exit(1)


def read_spec(told: dict[str, Any]) -> Spec:
    """The spec that the supervisor tells: wrapper/host-spec.ts."""
    features = tuple(Feature(each["name"], each["type"], each["datatype"], each.get("codes")) for each in told["features"])
    uri, batching = told.get("modelUri"), told.get("batching")
    return Spec(
        model=told["model"],
        predictor=told["predictor"],
        model_uri=None if uri is None else Path(uri),
        address=told["target"],
        layout=Layout(features, told["tensors"], told["dtype"], is_sparse="functions" in told),
        functions=tuple(_function_spec(each) for each in told.get("functions", [])),
        replicas=told["replicas"],
        batching=None if batching is None else BatchingLimits(batching["maxRows"], batching["maxWaitMs"] / 1000),
        trust_pickle=told["trustPickle"],
        threads=told["threads"],
        socket_mode=told["socketMode"],
        hang_after=told["hangAfterMs"] / 1000,
        drain_timeout=told["drainTimeoutMs"] / 1000,
        log_level=told["logLevel"],
    )


def _function_spec(told: dict[str, Any]) -> FunctionSpec:
    args = tuple(Argument(each["name"], each["type"]) for each in told["args"])
    return FunctionSpec(told["feature"], told["type"], Path(told["file"]), told["called"], args)


def _spec_of(arguments: argparse.Namespace) -> Spec:
    return Spec(
        model=arguments.model,
        predictor=arguments.predictor,
        model_uri=arguments.model_uri,
        address=arguments.address,
        layout=Layout(None, "matrix", arguments.dtype),
        trust_pickle=arguments.trust_pickle,
        socket_mode=arguments.socket_mode,
        hang_after=arguments.hang_after,
        drain_timeout=arguments.drain_timeout,
        log_level=arguments.log_level,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tandem_wrapper",
        description="Host one predictor behind the Open Inference Protocol over gRPC.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = parser.add_argument
    own("--predictor", metavar="FILE[:CLASS]", help="the researcher's file, and the class in it where it has several; or onnx, lightgbm, xgboost, sklearn")
    own("--model-uri", metavar="PATH", type=Path, help="what `load` gets; default the folder of the predictor. Without code: the model")
    own("--trust-pickle", action="store_true", help="open a model of sklearn from a pickle, which may run any code")
    own("--address", metavar="ADDRESS", help="unix:PATH or host:port")
    own("--model", default="model", metavar="NAME", help="the name that callers ask for; default %(default)s")
    own("--dtype", default="float64", choices=["float64", "float32"], help="of request.matrix; default %(default)s")
    own("--socket-mode", default="600", type=lambda text: int(text, 8), metavar="OCTAL", help="default %(default)s")
    own("--hang-after", default=Spec.hang_after, type=float, metavar="SECONDS", help="a predict that takes longer ends the process")
    own("--drain-timeout", default=Spec.drain_timeout, type=float, metavar="SECONDS", help="how long SIGTERM waits for callers")
    own("--log-level", default=Spec.log_level, choices=["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    own("--check", action="store_true", help=argparse.SUPPRESS)
    own("--supervised", type=int, metavar="FD", help=argparse.SUPPRESS)
    return parser


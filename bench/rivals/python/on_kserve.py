"""KServe's model server: V1 over REST, one worker; without gRPC, and without its three lines of log a request."""

import logging
import os

import kserve.model_server
from kserve import Model, ModelServer
from kserve.protocol.rest.server import RESTServer
from linear import keys_of, scores_of
from redis.asyncio import Redis


class LoopbackServer(RESTServer):
    """KServe listens on all addresses, and has no setting for that."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.config.host = "127.0.0.1"


class Linear(Model):
    def __init__(self) -> None:
        super().__init__("linear")
        self.redis = Redis.from_url(os.environ["REDIS_URL"])
        self.ready = True

    async def predict(self, payload, headers=None, response_headers=None):
        ids = (item["id"] for item in payload["instances"])
        return {"predictions": scores_of(await self.redis.mget(keys_of(ids, payload["request"]["city"])))}


if __name__ == "__main__":
    kserve.model_server.RESTServer = LoopbackServer
    port = int(os.environ["PORT"])
    server = ModelServer(http_port=port, enable_grpc=False, enable_latency_logging=False)
    for logger in ("uvicorn.access", "kserve.trace"):
        logging.getLogger(logger).handlers.clear()
    logging.getLogger("kserve.trace").setLevel(logging.WARNING)
    server.start([Linear()])

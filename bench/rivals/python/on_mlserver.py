"""MLServer: the Open Inference Protocol over REST, without workers, so that the model is in its process; not in debug mode."""

import asyncio
import os

from linear import keys_of, scores_of
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse
from mlserver.utils import install_uvloop_event_loop
from redis.asyncio import Redis
import numpy as np


class Linear(MLModel):
    async def load(self) -> bool:
        self.redis = Redis.from_url(os.environ["REDIS_URL"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        ids, city = (StringCodec.decode_input(each) for each in payload.inputs)
        scores = scores_of(await self.redis.mget(keys_of(ids, city[0])))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("scores", np.array(scores))])


async def main() -> None:
    # A gRPC server cannot be left out: it takes any free port.
    http_port = int(os.environ["PORT"])
    settings = Settings(
        debug=False,
        host="127.0.0.1",
        http_port=http_port,
        grpc_port=0,
        metrics_endpoint=None,
        parallel_workers=0,
    )
    await MLServer(settings).start([ModelSettings(name="linear", implementation=Linear)])


if __name__ == "__main__":
    install_uvloop_event_loop()
    asyncio.run(main())

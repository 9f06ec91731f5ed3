"""BentoML by `bentoml serve`: one worker, an async API, no access log."""

import os

import bentoml
from linear import keys_of, scores_of
from redis.asyncio import Redis


@bentoml.service(logging={"access": {"enabled": False}})
class Linear:
    def __init__(self) -> None:
        self.redis = Redis.from_url(os.environ["REDIS_URL"])

    @bentoml.api(route="/v1/models/linear:predict")
    async def predict(self, instances: list[dict[str, str]], request: dict[str, str]) -> dict[str, list[float]]:
        texts = await self.redis.mget(keys_of((item["id"] for item in instances), request["city"]))
        return {"predictions": scores_of(texts)}

"""LitServe on a CPU: one server process and one worker, the queue between them its own; async, for it waits for Redis."""

import os

import litserve
from linear import keys_of, scores_of
from redis.asyncio import Redis


class Linear(litserve.LitAPI):
    def setup(self, device):
        self.redis = Redis.from_url(os.environ["REDIS_URL"])

    # The name `request` is LitServe's: it hands over the parsed body where the argument is called so.
    async def decode_request(self, request):
        return keys_of((item["id"] for item in request["instances"]), request["request"]["city"])

    async def predict(self, keys):
        return scores_of(await self.redis.mget(keys))

    async def encode_response(self, scores):
        return {"predictions": scores}


if __name__ == "__main__":
    api = Linear(api_path="/v1/models/linear:predict", enable_async=True)
    server = litserve.LitServer(api, accelerator="cpu")
    port = int(os.environ["PORT"])
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="critical", access_log=False)

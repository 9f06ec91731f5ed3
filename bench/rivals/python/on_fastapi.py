"""FastAPI on uvicorn with uvloop and httptools, the model in its process; rows by redis-py, whose parser is hiredis."""

import os

import uvicorn
from fastapi import FastAPI
from linear import keys_of, scores_of
from pydantic import BaseModel
from redis.asyncio import Redis


class Instance(BaseModel):
    id: str


class RequestInputs(BaseModel):
    city: str


class Body(BaseModel):
    instances: list[Instance]
    request: RequestInputs


class Answer(BaseModel):
    predictions: list[float]


app = FastAPI()
redis = Redis.from_url(os.environ["REDIS_URL"])


@app.post("/v1/models/linear:predict")
async def predict(body: Body) -> Answer:
    texts = await redis.mget(keys_of((item.id for item in body.instances), body.request.city))
    return Answer(predictions=scores_of(texts))


@app.get("/health")
async def health() -> None:
    return None


if __name__ == "__main__":
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")

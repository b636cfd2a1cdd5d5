"""The picture service that a Python author who looks for speed writes by hand: uvicorn with uvloop and httptools, aiohttp,
orjson (which writes numpy arrays itself), Pillow in threads. `python_service.py PREDICTOR PORT`."""

import asyncio
import base64
import io
import sys
from contextlib import asynccontextmanager

import aiohttp
import numpy
import orjson
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

_, predictor, port = sys.argv


def pixels(data):
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((299, 299), Image.BILINEAR)
    return numpy.asarray(image, dtype=numpy.float32) / numpy.float32(127.5) - numpy.float32(1)


def body(pictures):
    return orjson.dumps({"instances": [pixels(data) for data in pictures]}, option=orjson.OPT_SERIALIZE_NUMPY)


async def read(session, instance):
    if "b64" in instance:
        return base64.b64decode(instance["b64"])
    async with session.get(instance["image_url"]) as response:
        return await response.read()


async def predict(request):
    session = request.app.state.session
    instances = orjson.loads(await request.body())["instances"]
    pictures = await asyncio.gather(*(read(session, instance) for instance in instances))
    data = await asyncio.to_thread(body, pictures)
    headers = {"content-type": "application/json"}
    async with session.post(f"http://{predictor}/v1/models/m:predict", data=data, headers=headers) as response:
        return Response(await response.read(), response.status, media_type="application/json")


async def ready(_):
    return Response(b'{"ready":true}', media_type="application/json")


@asynccontextmanager
async def lifespan(app):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        app.state.session = session
        yield


app = Starlette(
    routes=[Route("/v1/models/m:predict", predict, methods=["POST"]), Route("/v2/models/m/ready", ready)],
    lifespan=lifespan,
)
uvicorn.run(app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="warning")

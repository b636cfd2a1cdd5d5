"""KServe's SDK listens on every interface and has no flag for it; imported before it starts, this keeps it on 127.0.0.1."""

import grpc
from kserve import model_server

create_grpc_server = grpc.aio.server


class LoopbackRESTServer(model_server.RESTServer):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.config.host = "127.0.0.1"


def create_loopback_grpc_server(*arguments, **options):
    server = create_grpc_server(*arguments, **options)
    bind = server.add_insecure_port
    server.add_insecure_port = lambda address: bind("127.0.0.1:" + address.rsplit(":", 1)[1])
    return server


model_server.RESTServer = LoopbackRESTServer
grpc.aio.server = create_loopback_grpc_server

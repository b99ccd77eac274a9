# SPDX-License-Identifier: Apache-2.0
"""A container runtime that says it has many pods, of two containers each, and no more than that.

usage: crowd.py SOCKET PODS PROTO DIRECTORY; DIRECTORY takes what is made of PROTO, the product's own.
"""
import concurrent.futures
import pathlib
import sys
import time

import grpc
import grpc_tools.protoc

socket, count, proto, directory = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
grpc_tools.protoc.main(["", f"-I{proto.parent}", f"--python_out={directory}", proto.name])
sys.path.insert(0, directory)
import runtime_pb2 as pb  # noqa: E402  made just before


def sandbox(number):
    labels = {f"example.com/label-{n}": f"value-{number}-{n}" for n in range(8)}
    metadata = pb.PodSandboxMetadata(name=f"web-{number}", uid=f"uid-{number}", namespace="shop")
    return pb.PodSandbox(id=f"{number:064x}", metadata=metadata, labels=labels, created_at=number)


def container(number):
    return pb.Container(
        id=f"{count + number:064x}", pod_sandbox_id=f"{number // 2:064x}",
        metadata=pb.ContainerMetadata(name=f"part-{number % 2}"), created_at=number)


pods = pb.ListPodSandboxResponse(items=[sandbox(number) for number in range(count)])
containers = pb.ListContainersResponse(containers=[container(number) for number in range(2 * count)])
version = pb.VersionResponse(runtime_name="crowd", runtime_version="1.0")


def handler(request, answer):
    return grpc.unary_unary_rpc_method_handler(
        lambda *_: answer, request_deserializer=request.FromString, response_serializer=type(answer).SerializeToString)


server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("runtime.v1.RuntimeService", {
    "Version": handler(pb.VersionRequest, version),
    "ListPodSandbox": handler(pb.ListPodSandboxRequest, pods),
    "ListContainers": handler(pb.ListContainersRequest, containers),
})])
server.add_insecure_port(f"unix://{socket}")
server.start()
while True:
    time.sleep(1000)

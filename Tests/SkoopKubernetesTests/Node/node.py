# SPDX-License-Identifier: Apache-2.0
"""A node's container runtime: the real containerd with runc and the CNI's bridge, and a kubelet's part of asking it.

usage: node.py DIRECTORY TOOLS [CONTAINERD], in the network namespace that is to hold the pods' bridge.
Reads one JSON object a line and answers each with one line: {"ok": ...} or {"error": ...}.
  {"do": "run", "name", "namespace", "uid", "labels", "host", "inits", "containers": {name: [command...]}, "cgroup"}
  {"do": "forget"}: gives the lowest addresses that are free again
  {"do": "remove", "sandbox"}        {"do": "kill"}, {"do": "start"}: containerd itself        {"do": "end"}
"""
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import time

import grpc
import grpc_tools.protoc

HOME = pathlib.Path(sys.argv[1])
TOOLS = pathlib.Path(sys.argv[2])
CONTAINERD = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else TOOLS / "usr/bin"
SOCKET = HOME / "containerd.sock"
HERE = pathlib.Path(__file__).parent

CONFIG = f"""
version = 2
root = "{HOME}/root"
state = "{HOME}/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "local.test/tools:1"
  disable_tcp_service = true
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{TOOLS}/usr/lib/cni"
    conf_dir = "{HOME}/cni"
"""

NETWORK = {
    "cniVersion": "0.4.0", "name": "pods",
    "plugins": [
        {"type": "bridge", "bridge": "pods0", "isGateway": True,
         "ipam": {"type": "host-local", "dataDir": f"{HOME}/addresses",
                  "ranges": [[{"subnet": "10.88.0.0/16"}], [{"subnet": "fd88::/64"}]],
                  "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
    ],
}


def image():
    """An image of one layer, as `docker save` writes it: busybox, and sleeping as what it does by itself."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for folder in ("bin", "proc", "sys", "dev", "etc", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(TOOLS / "bin/busybox", "bin/busybox")
        for name in ("sh", "sleep", "true", "nc", "wget", "httpd", "ping", "nslookup", "dd", "cat"):
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = json.dumps({
        "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64", "os": "linux",
        "config": {"Cmd": ["/bin/sleep", "100000"], "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }).encode()
    manifest = json.dumps(
        [{"Config": "config.json", "RepoTags": ["local.test/tools:1"], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(HOME / "image.tar", "w") as tar:
        for name, data in (("layer.tar", layer.getvalue()), ("config.json", config), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


class Node:
    def __init__(self):
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "cni").mkdir()
        (HOME / "cni/pods.conflist").write_text(json.dumps(NETWORK))
        (HOME / "config.toml").write_text(CONFIG)
        grpc_tools.protoc.main(["", f"-I{HERE}", f"--python_out={HOME}", f"--grpc_python_out={HOME}", "cri.proto"])
        sys.path.insert(0, str(HOME))
        import cri_pb2
        import cri_pb2_grpc
        self.pb, self.stubs = cri_pb2, cri_pb2_grpc
        self.daemon = None
        image()
        self.start()
        self.tool("-n", "k8s.io", "images", "import", str(HOME / "image.tar"))

    def tool(self, *arguments):
        subprocess.run([CONTAINERD / "ctr", "-a", SOCKET, *arguments], check=True, stdout=subprocess.DEVNULL)

    def start(self):
        path = f"{CONTAINERD}:{TOOLS}/usr/bin:{os.environ['PATH']}"
        self.daemon = subprocess.Popen(
            [CONTAINERD / "containerd", "--config", HOME / "config.toml"],
            stdout=open(HOME / "log", "ab"), stderr=subprocess.STDOUT, env={**os.environ, "PATH": path},
            start_new_session=True)
        end = time.monotonic() + 60
        while True:
            self.channel = grpc.insecure_channel(f"unix://{SOCKET}")
            self.runtime = self.stubs.RuntimeServiceStub(self.channel)
            try:
                self.runtime.ListPodSandbox(self.pb.ListPodSandboxRequest())
                return
            except grpc.RpcError:
                if self.daemon.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((HOME / "log").read_text()[-3000:])
                time.sleep(0.05)

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.channel.close()

    def config(self, order):
        network = 2 if order.get("host") else 0
        config = self.pb.PodSandboxConfig(
            metadata=self.pb.PodSandboxMetadata(
                name=order["name"], namespace=order["namespace"], uid=order["uid"], attempt=order.get("attempt", 0)),
            hostname="" if order.get("host") else order["name"], log_directory=str(HOME / "logs"),
            labels={**order.get("labels", {}), "io.kubernetes.pod.name": order["name"],
                    "io.kubernetes.pod.namespace": order["namespace"], "io.kubernetes.pod.uid": order["uid"]})
        config.linux.cgroup_parent = order.get("cgroup") or f"/kubepods/burstable/pod{order['uid']}"
        config.linux.security_context.namespace_options.network = network
        return config

    def run(self, order):
        config = self.config(order)
        sandbox = self.runtime.RunPodSandbox(self.pb.RunPodSandboxRequest(config=config)).pod_sandbox_id
        containers = {}
        inits = order.get("inits", {})
        for name, command in {**inits, **order.get("containers", {})}.items():
            container = self.pb.ContainerConfig(
                metadata=self.pb.ContainerMetadata(name=name), image=self.pb.ImageSpec(image="local.test/tools:1"),
                command=command, labels={"io.kubernetes.container.name": name}, log_path=f"{sandbox}-{name}")
            container.linux.security_context.namespace_options.network = 2 if order.get("host") else 0
            containers[name] = self.runtime.CreateContainer(self.pb.CreateContainerRequest(
                pod_sandbox_id=sandbox, config=container, sandbox_config=config)).container_id
            self.runtime.StartContainer(self.pb.StartContainerRequest(container_id=containers[name]))
            if name in inits:
                self.wait(containers[name])
        status = self.runtime.PodSandboxStatus(self.pb.PodSandboxStatusRequest(pod_sandbox_id=sandbox)).status.network
        addresses = [status.ip] + [other.ip for other in status.additional_ips]
        return {"sandbox": sandbox, "containers": containers, "addresses": [a for a in addresses if a]}

    def wait(self, container):
        request = self.pb.ContainerStatusRequest(container_id=container)
        while self.runtime.ContainerStatus(request).status.state != 2:
            time.sleep(0.01)

    def stop(self, order):
        for container in order.get("ended", []):
            self.wait(container)
        self.runtime.StopPodSandbox(self.pb.StopPodSandboxRequest(pod_sandbox_id=order["sandbox"]))

    def remove(self, order):
        self.stop(order)
        self.runtime.RemovePodSandbox(self.pb.RemovePodSandboxRequest(pod_sandbox_id=order["sandbox"]))

    def forget(self, order):
        for file in (HOME / "addresses/pods").glob("last_reserved_ip.*"):
            file.unlink()

    def many(self, order):
        """Several orders at the same time."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(pool.map(self.carry_out, order["orders"]))

    def carry_out(self, order):
        return getattr(self, order["do"])(order)

    def end(self):
        if self.daemon.poll() is None:
            for sandbox in self.runtime.ListPodSandbox(self.pb.ListPodSandboxRequest()).items:
                self.remove({"sandbox": sandbox.id})
            self.daemon.terminate()
            self.daemon.wait()


def main():
    os.environ.pop("NOTIFY_SOCKET", None)
    node = None
    try:
        node = Node()
        print(json.dumps({"ok": {"socket": str(SOCKET)}}), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "end":
                break
            try:
                if order["do"] in ("kill", "start"):
                    answer = getattr(node, order["do"])()
                else:
                    answer = node.carry_out(order)
                print(json.dumps({"ok": answer}), flush=True)
            except grpc.RpcError as error:
                print(json.dumps({"error": error.details()}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
        raise
    finally:
        if node:
            node.end()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()

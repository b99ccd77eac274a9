# SPDX-License-Identifier: Apache-2.0
"""A kubelet, as scripts/build-cluster.sh has built it, that has a container runtime make the pods of a node."""
import json
import os
import pathlib
import shutil
import time

# Where a kubelet has the runtime write, whatever its own folder is.
LOGS = (pathlib.Path("/var/log/pods"), pathlib.Path("/var/log/containers"))
HIERARCHIES = pathlib.Path("/sys/fs/cgroup")
# What a kubelet changes on its host without being asked.
TUNABLES = [pathlib.Path("/proc/sys", name) for name in (
    "vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes")]


def hierarchies():
    """The roots of the control groups: one in version 2, one of each controller in version 1."""
    if (HIERARCHIES / "cgroup.controllers").exists():
        return [HIERARCHIES]
    return [each for each in HIERARCHIES.iterdir() if (each / "cgroup.procs").exists() and not each.is_symlink()]


def logs():
    return {entry for folder in LOGS if folder.exists() for entry in folder.iterdir()}


class Kubelet:
    def __init__(self, real, start, name, runtime, port):
        self.real, self.name = real, name
        self.logs = logs()
        self.tunables = {each: each.read_text() for each in TUNABLES}
        # A kubelet kills what it finds in its control groups and does not know: other tests have pods, too.
        self.groups = [each / f"skoop-tests-{os.getpid()}-{name}" for each in hierarchies()]
        for group in self.groups:
            group.mkdir()
        home = real.home / f"kubelet-{name}-{time.monotonic_ns()}"
        home.mkdir()
        self.log = home / "log"
        (home / "kubeconfig").write_text(json.dumps(self.kubeconfig()))
        (home / "config.json").write_text(json.dumps(self.configuration(port)))
        # What it mounts for itself is gone when it is.
        self.process = start(
            self.log, "unshare", "--mount", "--propagation", "private", real.programs / "kubelet", f"--config={home}/config.json", f"--kubeconfig={home}/kubeconfig",
            f"--root-dir={home}/root", f"--cert-dir={home}/certificates", f"--hostname-override={name}",
            "--container-runtime=remote", f"--container-runtime-endpoint=unix://{runtime}",
            "--pod-infra-container-image=local.test/tools:1")
        end = time.monotonic() + 180
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                text = self.log.read_text()[-3000:]
                self.end()
                raise RuntimeError(f"the kubelet does not make the node ready:\n{text}")
            time.sleep(0.1)

    def kubeconfig(self):
        admin = next(token for token, name in self.real.users.items() if name == "admin")
        return {
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {
                "server": f"https://127.0.0.1:{self.real.port}",
                "certificate-authority": self.real.files["authority"]}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "users": [{"name": "it", "user": {"token": admin}}],
        }

    def configuration(self, port):
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
            "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False},
                               "x509": {"clientCAFile": self.real.files["authority"]}},
            "authorization": {"mode": "AlwaysAllow"},
            "address": "127.0.0.1", "port": port, "readOnlyPort": 0, "healthzPort": 0,
            "oomScoreAdj": 0, "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{self.groups[0].name}",
            "failSwapOn": False, "makeIPTablesUtilChains": False, "resolvConf": "",
            "syncFrequency": "1s", "nodeStatusUpdateFrequency": "1s",
            # The disk of a machine that builds and tests is no concern of pods that sleep.
            "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%",
                             "imagefs.available": "0%"},
            "imageGCHighThresholdPercent": 100,
            # They have fixed places outside of the folder.
            "featureGates": {"DevicePlugins": False, "KubeletPodResources": False, "IPv6DualStack": True},
        }

    def is_ready(self):
        nodes = self.real.ask("GET", "/api/v1/nodes")["items"]
        conditions = [each for thing in nodes if thing["metadata"]["name"] == self.name
                      for each in thing["status"].get("conditions", [])]
        return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

    def is_idle(self):
        return not any(file.read_text() for group in self.groups for file in group.rglob("cgroup.procs"))

    def end(self):
        """Removes the pods, as long as the kubelet is there to do it, then ends it and takes away what it leaves."""
        selector = f"fieldSelector=spec.nodeName%3D{self.name}"
        for pod in self.real.ask("GET", f"/api/v1/pods?{selector}")["items"]:
            self.real.delete("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"], 0)
        end = time.monotonic() + 30
        while self.process.poll() is None and not self.is_idle() and time.monotonic() < end:
            time.sleep(0.1)
        self.process.kill()
        self.process.wait()
        for group in self.groups:
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
        for entry in logs() - self.logs:
            if entry.is_symlink():
                entry.unlink()
            else:
                shutil.rmtree(entry, ignore_errors=True)
        for path, value in self.tunables.items():
            path.write_text(value)

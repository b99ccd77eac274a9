# SPDX-License-Identifier: Apache-2.0
"""Runs the agent as a DaemonSet's pod would: by runc, from the manifest's own security context, mounts, limits and
configuration, the way a kubelet and containerd translate them. Used by test-capabilities.sh.

usage: pod.py AGENT MANIFESTS
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import yaml

SECCOMP = Path("/usr/share/containers/seccomp.json")
# Without which something is missing on every kernel: what says so in the agent's answers. Each takes the states of
# probes and the problems counted, by probe.
WITNESSES = {
    "SYS_ADMIN": ("packetloss does not run", lambda probes, _: probes["packetloss"][0] == "Failed"),
    "NET_ADMIN": ("conntrack reports no events", lambda probes, _: "no events" in probes["conntrack"][2]),
    "NET_RAW": ("sockstat is read from /proc", lambda probes, _: probes["sockstat"][1] == "procfs"),
    "SYS_PTRACE": (
        "netdev and qdisc lack namespaces",
        lambda _, problems: {("netdev", "netdev-namespace"), ("qdisc", "netdev-namespace")} <= problems,
    ),
    "DAC_READ_SEARCH": ("fd lacks other users' processes", lambda _, problems: ("fd", "fd-denied") in problems),
    "SYSLOG": ("packetloss names no functions", lambda probes, _: "names of functions" in probes["packetloss"][2]),
}
# Needed on kernels that this one is not.
ELSEWHERE = {"SYS_RESOURCE": "before 5.11 eBPF maps are locked memory, whose limit has to be raised"}
# What bears that no namespace may be entered less well than everything else does.
WITHOUT_ENTERING = {"netdev", "qdisc"}
SPECIAL = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def memory(quantity):
    number, unit = re.fullmatch(r"(\d+)(?:([KMG])i)?", quantity).groups()
    return int(number) * SPECIAL.get(unit, 1)


def permitted_here():
    """The capabilities that this root may hand on at all, by their bit."""
    bits = int(re.search(r"CapBnd:\s*(\w+)", Path("/proc/self/status").read_text()).group(1), 16)
    names = re.findall(r"^#define CAP_(\w+)\s+(\d+)$", Path("/usr/include/linux/capability.h").read_text(), re.M)
    return {name for name, bit in names if bits >> int(bit) & 1}


def root_file_system(agent, folder):
    """The agent with the libraries it is linked to, which for the static one are none."""
    (folder / "usr/bin").mkdir(parents=True)
    shutil.copy(agent, folder / "usr/bin/skoop-agent")
    linked = subprocess.run(["ldd", agent], capture_output=True, text=True).stdout
    for library in re.findall(r"(/\S+) \(0x", linked):
        (folder / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, folder / library[1:])
    for name in ("proc", "sys", "dev", "etc/skoop", "run/skoop"):
        (folder / name).mkdir(parents=True)
    return folder


def default_seccomp(capabilities):
    """The profile of the field's default for these capabilities."""
    profile, rules = json.loads(SECCOMP.read_text()), []
    for rule in profile["syscalls"]:
        wants, hinders = rule.get("includes", {}), rule.get("excludes", {})
        if not {c[4:] for c in wants.get("caps", [])} <= capabilities:
            continue
        if {c[4:] for c in hinders.get("caps", [])} & capabilities or wants.get("arches", ["amd64"])[0] != "amd64":
            continue
        rules.append({key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key) is not None})
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": 1, "syscalls": rules}


class Pod:
    """A DaemonSet's one container, started by runc with other capabilities where asked."""

    def __init__(self, manifests, root, work):
        documents = [d for f in sorted(manifests.glob("*.yaml")) for d in yaml.safe_load_all(f.read_text())]
        kinds = {document["kind"]: document for document in documents}
        self.spec = kinds["DaemonSet"]["spec"]["template"]["spec"]
        (self.container,) = self.spec["containers"]
        self.configuration = kinds["ConfigMap"]["data"]["config.yaml"]
        self.root, self.work = root, work
        self.capabilities = set(self.container["securityContext"]["capabilities"]["add"])
        # What this test takes for granted of the manifest, and the agent for its life.
        assert self.container["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert self.spec["hostNetwork"] and self.spec["hostPID"] and not self.spec.get("hostIPC")

    def mounts(self):
        def mount(target, source, kind, *options):
            return {"destination": target, "source": source, "type": kind, "options": list(options)}

        yield mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev")
        yield mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k")
        yield mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro")
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        for wanted in self.container["volumeMounts"]:
            volume, target = volumes[wanted["name"]], wanted["mountPath"]
            way = ["ro"] if wanted.get("readOnly") else []
            if "hostPath" in volume:
                yield mount(target, volume["hostPath"]["path"], "bind", "rbind", "rslave", *way)
            elif "emptyDir" in volume:
                yield mount(target, "tmpfs", "tmpfs", "mode=777")
            else:
                yield mount(target, str(self.work / "config"), "bind", "rbind", "rprivate", *way)

    def bundle(self, capabilities, configuration, confined):
        """What containerd makes of such a pod, with its default masks of /proc and /sys."""
        (self.work / "config").mkdir(exist_ok=True)
        (self.work / "config/config.yaml").write_text(configuration)
        security, limits = self.container["securityContext"], self.container["resources"]["limits"]
        held = sorted("CAP_" + name for name in capabilities)
        cores = int(limits["cpu"].removesuffix("m")) / 1000
        spec = {
            "ociVersion": "1.0.2",
            "root": {"path": str(self.root), "readonly": security["readOnlyRootFilesystem"]},
            "process": {
                "user": {"uid": security["runAsUser"], "gid": 0},
                "args": ["/usr/bin/skoop-agent", *self.container["args"]],
                "env": ["PATH=/usr/bin", "INSPECTOR_NODENAME=pod-test"],
                "cwd": "/",
                "noNewPrivileges": not security["allowPrivilegeEscalation"],
                "capabilities": {kind: held for kind in ("bounding", "effective", "permitted")},
            },
            "mounts": list(self.mounts()),
            "linux": {
                "cgroupsPath": f"/skoop-pod-test-{os.getpid()}",
                "namespaces": [{"type": kind} for kind in ("mount", "ipc", "uts", "cgroup")],
                "resources": {
                    "devices": [{"allow": False, "access": "rwm"}],
                    "memory": {"limit": memory(limits["memory"])},
                    "cpu": {"quota": int(cores * 100000), "period": 100000},
                },
                "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        }
        if confined and security["seccompProfile"]["type"] == "RuntimeDefault":
            spec["linux"]["seccomp"] = default_seccomp(capabilities)
        (self.work / "config.json").write_text(json.dumps(spec))

    def run(self, capabilities, configuration, look, confined=True):
        """Starts the pod, calls `look(url)` when its agent serves, and stops it."""
        self.bundle(capabilities, configuration, confined)
        name, runc = f"skoop-pod-test-{os.getpid()}", ["runc", "--root", str(self.work / "runc")]
        log = self.work / "log"
        with log.open("w") as output:
            process = subprocess.Popen([*runc, "run", "-b", self.work, name], stdout=output, stderr=output)
        try:
            end = time.monotonic() + 60
            while not (found := re.search(r"serving node pod-test on ([^ ,]+),", log.read_text())):
                if process.poll() is not None or time.monotonic() > end:
                    sys.exit(f"the pod does not start with {sorted(capabilities)}:\n{log.read_text()}")
                time.sleep(0.1)
            result = look(f"http://{found.group(1)}")
            if process.poll() is not None:
                sys.exit(f"the pod ended by itself with {sorted(capabilities)}:\n{log.read_text()}")
            return result
        except OSError as error:
            sys.exit(f"no answer with {sorted(capabilities)}: {error}\n{log.read_text()}")
        finally:
            subprocess.run([*runc, "kill", name, "TERM"], capture_output=True)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                subprocess.run([*runc, "kill", name, "KILL"], capture_output=True)
                process.wait()
            subprocess.run([*runc, "delete", "-f", name], capture_output=True)


class Namespace:
    """A network namespace in which another user's process lives and sends datagrams to a port that nobody has."""

    def __enter__(self):
        sender = "import socket,time\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\nwhile 1:\n"
        sender += " s.sendto(b'x',('127.0.0.1',9)); time.sleep(.1)"
        drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        self.process = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *drop, sys.executable, "-c", sender])
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def states(url, until=lambda *_: True):
    """State, source and reason by probe, and the problems of probes, once `until` holds or after 15 seconds."""
    end = time.monotonic() + 15
    while True:
        page, status = fetch(url + "/metrics"), json.loads(fetch(url + "/status"))
        probes = {
            probe["name"]: (probe["state"], probe["source"] or "", probe["source_reason"] or "")
            for probe in status["probes"]
        }
        found = re.findall(r'^skoop_probe_problems_total\{.*probe="(\w+)",cause="([^"]+)"\} (\d+)', page, re.M)
        problems = {(probe, cause) for probe, cause, count in found if count != "0"}
        if until(probes, problems) or time.monotonic() > end:
            return probes, problems
        time.sleep(0.3)


def settled(url):
    """The states once every probe either runs or says why not, and has been asked several times since."""
    states(url, lambda probes, _: {state for state, *_ in probes.values()} <= {"Running", "Failed"})
    for _ in range(3):
        fetch(url + "/metrics")
    return states(url)


def main():
    agent, manifests = Path(sys.argv[1]), Path(sys.argv[2])
    bad = 0
    with tempfile.TemporaryDirectory() as folder, Namespace():
        work = Path(folder)
        pod = Pod(manifests, root_file_system(agent, work / "root"), work)
        local = {"address": "127.0.0.1:0", "port": None, "metrics": {"deadline": "10s"}}
        mounted = yaml.safe_load(pod.configuration)
        configured = yaml.safe_dump({**mounted, **local, "metrics": {**mounted["metrics"], "deadline": "10s"}})
        everything = subprocess.run(
            [agent.parent / "skoop", "probes"], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
        names = [{"name": line.split()[0]} for line in everything]
        events = [{"name": name} for name in ("conntrack", "packetloss")]
        full = yaml.safe_dump({**local, "metrics": {"deadline": "10s", "probes": names}, "event": {"probes": events}})

        here = permitted_here()
        granted = pod.capabilities & here
        if missing := pod.capabilities - here:
            print(f"not to be had by this root, so not tried: {', '.join(sorted(missing))}")
        if pod.capabilities != set(WITNESSES) | set(ELSEWHERE):
            sys.exit(f"the manifest has {sorted(pod.capabilities)}, known are {sorted(set(WITNESSES) | set(ELSEWHERE))}")

        probes, problems = pod.run(granted, configured, settled)
        for name, state in probes.items():
            # IPVS and RDMA are not on every machine.
            if state[0] != "Running" and name not in ("ipvs", "rdma"):
                print(f"{name} does not run in the pod: {state}")
                bad = 1
        print(f"the pod of the manifests runs {len(probes)} probes")

        # Namespaces and processes of others come and go while they are looked at: what is missing stays missing.
        for _ in range(3):
            best, least = (pod.run(capabilities, full, settled) for capabilities in (here, granted))
            if best[0] == least[0] and least[1] <= best[1]:
                print(f"{len(granted)} capabilities do for {len(names)} probes what all {len(here)} do")
                break
        else:
            bad = 1
            for name in sorted(best[0]):
                if best[0][name] != least[0][name]:
                    print(f"{name}: {best[0][name]} with all capabilities, {least[0][name]} with the manifest's")
            print("problems that all capabilities do not have:", least[1] - best[1])

        for name, (meaning, is_missing) in sorted(WITNESSES.items()):
            if is_missing(*least):
                print(f"with {name}: {meaning} all the same")
                bad = 1
            if is_missing(*pod.run(granted - {name}, full, lambda url: states(url, is_missing))):
                print(f"without {name}: {meaning}")
            else:
                print(f"without {name} nothing is missing: drop it, or mend what should show it ({meaning})")
                bad = 1
        instead = granted - {"SYS_ADMIN"} | {"BPF", "PERFMON"}
        # The default profile refuses bpf() to CAP_BPF alone.
        probes, _ = pod.run(instead, full, settled, confined=False)
        lacking = {name for name in probes if probes[name][:2] != least[0][name][:2]}
        print(f"BPF and PERFMON instead of SYS_ADMIN: {', '.join(f'{n} {probes[n][0]} {probes[n][1]}' for n in sorted(lacking))}")
        if lacking != WITHOUT_ENTERING:
            print(f"expected of {', '.join(sorted(WITHOUT_ENTERING))}, and of nothing else")
            bad = 1
    sys.exit(bad)


main()

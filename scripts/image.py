# SPDX-License-Identifier: Apache-2.0
"""Packs static executables as an OCI image, without any container engine: one archive of an OCI image layout, of one or
several architectures. The same executables give the same bytes.

usage: image.py OUTPUT VERSION ARCH=FOLDER...    FOLDER has skoop-agent and skoop; ARCH is amd64 or arm64
"""
import gzip
import hashlib
import io
import json
import os
import struct
import sys
import tarfile
from datetime import datetime, timezone
from pathlib import Path

NAME = "docker.io/skoop/agent"
MACHINES = {"amd64": 62, "arm64": 183}  # e_machine of elf.h
# With which certificates agents trust the sinks that they send events to.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MODIFIED = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def read_executable(path, architecture):
    """The bytes of an executable that runs in an image where nothing else is."""
    content = path.read_bytes()
    if content[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{path}: no 64-bit little-endian ELF file")
    (machine,) = struct.unpack_from("<H", content, 18)
    if machine != MACHINES[architecture]:
        sys.exit(f"{path}: built for machine {machine}, {architecture} is {MACHINES[architecture]}")
    (start,), (size, count) = struct.unpack_from("<Q", content, 32), struct.unpack_from("<HH", content, 54)
    kinds = {struct.unpack_from("<I", content, start + size * place)[0] for place in range(count)}
    if 3 in kinds:  # PT_INTERP
        sys.exit(f"{path}: needs shared libraries, which the image has not: make static")
    return content


def layer(folder, architecture):
    """The one layer: the executables, and the little that a C library looks for."""
    files = {f"usr/bin/{name}": (read_executable(folder / name, architecture), 0o755) for name in ("skoop-agent", "skoop")}
    files["etc/passwd"] = b"root:x:0:0:root:/:/sbin/nologin\n", 0o644
    files["etc/group"] = b"root:x:0:\n", 0o644
    files["etc/nsswitch.conf"] = b"hosts: files dns\n", 0o644
    files[str(CERTIFICATES)[1:]] = CERTIFICATES.read_bytes(), 0o644
    # Where volumes go: the root is read-only when it runs.
    folders = {"dev", "proc", "sys", "run", "run/skoop", "etc/skoop", "tmp"}
    for name in files:
        folders |= {str(parent) for parent in Path(name).parents} - {"."}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(folders | files.keys()):
            entry = tarfile.TarInfo(name)
            entry.mtime = MODIFIED
            if name in files:
                content, entry.mode = files[name]
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
                tar.addfile(entry)
    return buffer.getvalue()


class Layout:
    """Blobs under their digests."""

    def __init__(self):
        self.files = {"oci-layout": json.dumps({"imageLayoutVersion": "1.0.0"}).encode()}

    def blob(self, kind, content):
        digest = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def document(self, kind, content):
        return self.blob(kind, json.dumps(content, sort_keys=True).encode())

    def write(self, output):
        with tarfile.open(output, "w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.files):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime, entry.mode = len(self.files[name]), MODIFIED, 0o644
                tar.addfile(entry, io.BytesIO(self.files[name]))


def image(layout, folder, architecture, version, created):
    """The descriptor of the manifest for one architecture."""
    content = layer(folder, architecture)
    labels = {"org.opencontainers.image.title": "skoop", "org.opencontainers.image.version": version,
              "org.opencontainers.image.licenses": "Apache-2.0"}
    config = {
        "created": created, "architecture": architecture, "os": "linux",
        "config": {"Entrypoint": ["/usr/bin/skoop-agent"], "Env": ["PATH=/usr/bin"], "WorkingDir": "/",
                   "ExposedPorts": {"9102/tcp": {}}, "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(content).hexdigest()]},
        "history": [{"created": created, "created_by": "scripts/image.py"}],
    }
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST, "config": layout.document(CONFIG, config),
        "layers": [layout.blob(LAYER, gzip.compress(content, 9, mtime=0))], "annotations": labels,
    }
    return {**layout.document(MANIFEST, manifest), "platform": {"architecture": architecture, "os": "linux"}}


def main(output, version, *wanted):
    created = datetime.fromtimestamp(MODIFIED, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    layout, images = Layout(), []
    for each in wanted:
        architecture, _, folder = each.partition("=")
        if architecture not in MACHINES or not folder:
            sys.exit(f"{each}: expected {' or '.join(f'{name}=FOLDER' for name in MACHINES)}")
        images.append(image(layout, Path(folder), architecture, version, created))
    # By this name containerd and Podman find what they import; the reference alone is the tag.
    name = {"io.containerd.image.name": f"{NAME}:{version}", "org.opencontainers.image.ref.name": version}
    if len(images) == 1:
        entry = images[0]
    else:
        entry = layout.document(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": images})
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{**entry, "annotations": name}]}
    layout.files["index.json"] = json.dumps(index, sort_keys=True).encode()
    layout.write(output)
    print(f"{output}: {NAME}:{version} for {', '.join(i['platform']['architecture'] for i in images)}, "
          f"{Path(output).stat().st_size / 1e6:.1f} MB")


if len(sys.argv) < 4:
    sys.exit(__doc__.strip())
main(*sys.argv[1:])

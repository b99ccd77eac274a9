// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import Testing

private let one = "3b1f6a2f0c7c4f1fb0a8d7e5c9d2a1b4e6f80912345678c1de2fa3b4c5d6e7f8"
private let two = "a94f0c1b2d3e4f5061728394a5b6c7d8e9f0011223344556677889900aabbccd"
private let uid = "8f9d1c3e-52a7-4f0b-9a6d-0d1e2f3a4b5c"
private let uidUnderscores = "8f9d1c3e_52a7_4f0b_9a6d_0d1e2f3a4b5c"
private let staticUID = "1a2b3c4d5e6f708192a3b4c5d6e7f809"

/// A path, what is expected of it, and the container's own control group where that is not the whole path.
struct ContainerCase: Sendable, CustomTestStringConvertible {
    var path: String
    var id: String?
    var runtime = ContainerID.Runtime.unknown
    var podUID = ""
    var below: String?

    init(
        _ path: String, _ id: String?, _ runtime: ContainerID.Runtime = .unknown, podUID: String = "",
        below: String? = nil
    ) {
        (self.path, self.id, self.runtime, self.podUID, self.below) = (path, id, runtime, podUID, below)
    }

    var testDescription: String { path }
}

@Suite struct ContainerIDTests {
    static let cases: [ContainerCase] = [
        // Docker: cgroupfs and systemd drivers, rootless, a service inside, a container inside.
        ContainerCase("/docker/\(one)", one, .docker),
        ContainerCase("/system.slice/docker-\(one).scope", one, .docker),
        ContainerCase("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(one).scope", one, .docker),
        ContainerCase(
            "/docker/\(one)/system.slice/nginx.service", one, .docker, below: "/docker/\(one)"),
        ContainerCase("/docker/\(one)/docker/\(two)", two, .docker),
        ContainerCase("/system.slice/docker.service", nil),
        ContainerCase("/docker", nil),
        ContainerCase("/docker/buildkit", nil),
        // containerd under Kubernetes.
        ContainerCase("/kubepods/besteffort/pod\(uid)/\(one)", one, podUID: uid),
        ContainerCase("/kubepods/pod\(uid)/\(one)", one, podUID: uid),
        ContainerCase(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(uidUnderscores).slice/cri-containerd-\(one).scope",
            one, .containerd, podUID: uid),
        ContainerCase(
            "/kubepods.slice/kubepods-pod\(uidUnderscores).slice/cri-containerd-\(one).scope", one, .containerd,
            podUID: uid),
        ContainerCase(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(staticUID).slice/cri-containerd-\(one).scope",
            one, .containerd, podUID: staticUID),
        // containerd with the cgroupfs driver under a kubelet with the systemd driver.
        ContainerCase(
            "/system.slice/containerd.service/kubepods-besteffort-pod\(uidUnderscores).slice:cri-containerd:\(one)",
            one,
            .containerd, podUID: uid),
        // kind: the node is a Docker container, the kubelet has a root of its own.
        ContainerCase(
            "/docker/\(one)/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod\(uidUnderscores).slice/cri-containerd-\(two).scope",
            two, .containerd, podUID: uid),
        ContainerCase("/docker/\(one)/kubelet/kubepods/burstable/pod\(uid)/\(two)", two, podUID: uid),
        ContainerCase("/kubepods/burstable/pod\(uid)", nil),
        ContainerCase("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(uidUnderscores).slice", nil),
        // Seen from a control group namespace other than the initial one.
        ContainerCase(
            "/../../kubepods-besteffort-pod\(uidUnderscores).slice/cri-containerd-\(one).scope", one, .containerd,
            podUID: uid),
        ContainerCase(
            "/../../kubepods-besteffort.slice/kubepods-besteffort-pod\(uidUnderscores).slice/cri-containerd-\(one).scope",
            one, .containerd, podUID: uid),
        // containerd by itself, nerdctl.
        ContainerCase("/k8s.io/\(one)", one, .containerd),
        ContainerCase("/default/\(one)", one, .containerd),
        ContainerCase("/system.slice/nerdctl-\(one).scope", one, .containerd),
        // A container inside a pod's container still is inside the pod.
        ContainerCase("/kubepods/burstable/pod\(uid)/\(one)/docker/\(two)", two, .docker, podUID: uid),
        // CRI-O.
        ContainerCase(
            "/kubepods.slice/kubepods-pod\(uidUnderscores).slice/crio-\(one).scope", one, .crio, podUID: uid),
        ContainerCase(
            "/kubepods.slice/kubepods-pod\(uidUnderscores).slice/crio-\(one).scope/container", one, .crio, podUID: uid,
            below: "/kubepods.slice/kubepods-pod\(uidUnderscores).slice/crio-\(one).scope"),
        ContainerCase("/kubepods.slice/kubepods-pod\(uidUnderscores).slice/crio-conmon-\(one).scope", nil),
        ContainerCase("/kubepods/burstable/pod\(uid)/crio-\(one)", one, .crio, podUID: uid),
        ContainerCase("/kubepods/burstable/pod\(uid)/crio-conmon-\(one)", nil),
        // Podman.
        ContainerCase("/machine.slice/libpod-\(one).scope", one, .podman),
        ContainerCase(
            "/machine.slice/libpod-\(one).scope/container", one, .podman, below: "/machine.slice/libpod-\(one).scope"),
        ContainerCase("/machine.slice/libpod-conmon-\(one).scope", nil),
        ContainerCase("/libpod_parent/libpod-\(one)", one, .podman),
        ContainerCase("/libpod_parent/\(two)/libpod-\(one)", one, .podman),
        ContainerCase("/libpod_parent/conmon", nil),
        ContainerCase("/machine.slice/machine-libpod_pod_\(two).slice/libpod-\(one).scope", one, .podman),
        ContainerCase("/machine.slice/machine-libpod_pod_\(two).slice", nil),
        ContainerCase(
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(one).scope/container", one, .podman,
            below: "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(one).scope"),
        ContainerCase("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-\(one).scope", nil),
        ContainerCase("/system.slice/web.service/libpod-payload-\(one)", one, .podman),
        ContainerCase("/system.slice/web.service/runtime", nil),
        ContainerCase("/system.slice/\(one).service", nil),
        // A monitor inside a container belongs to that container.
        ContainerCase(
            "/docker/\(one)/machine.slice/libpod-conmon-\(two).scope", one, .docker, below: "/docker/\(one)"),
        // Kata: the virtual machine beside the control group that limits it.
        ContainerCase("/kata_overhead/\(one)", one),
        ContainerCase("/kubepods/burstable/pod\(uid)/kata_\(one)", one, podUID: uid),
        // systemd's machines.
        ContainerCase("/machine.slice/machine-web.scope", "web", .machine),
        ContainerCase(
            "/machine.slice/machine-web\\x2d1.scope/payload/init.scope", "web-1", .machine,
            below: "/machine.slice/machine-web\\x2d1.scope"),
        ContainerCase("/machine.slice/machine-web.scope/supervisor", nil),
        ContainerCase(
            "/docker/\(one)/machine.slice/machine-web.scope/supervisor", one, .docker, below: "/docker/\(one)"),
        ContainerCase(
            "/machine.slice/machine-qemu\\x2d1\\x2ddb.scope/libvirt/emulator", "qemu-1-db", .machine,
            below: "/machine.slice/machine-qemu\\x2d1\\x2ddb.scope"),
        ContainerCase(
            "/machine.slice/systemd-nspawn@web.service/payload", "web", .machine,
            below: "/machine.slice/systemd-nspawn@web.service"),
        ContainerCase("/machine.slice/systemd-nspawn@web.service/supervisor", nil),
        ContainerCase("/machine.slice", nil),
        // LXC, LXD.
        ContainerCase("/lxc/web", "web", .lxc),
        ContainerCase("/lxc/web/system.slice/ssh.service", "web", .lxc, below: "/lxc/web"),
        ContainerCase("/lxc.payload.web", "web", .lxc),
        ContainerCase("/lxc.payload/web", "web", .lxc),
        ContainerCase(
            "/lxc.payload.web/lxc.payload.inner/init.scope", "inner", .lxc,
            below: "/lxc.payload.web/lxc.payload.inner"),
        ContainerCase("/lxc.monitor.web", nil),
        ContainerCase("/lxc.monitor/web", nil),
        // What is no container.
        ContainerCase("", nil),
        ContainerCase("/", nil),
        ContainerCase("/init.scope", nil),
        ContainerCase("/system.slice/ssh.service", nil),
        ContainerCase("/user.slice/user-1000.slice/session-2.scope", nil),
        ContainerCase("/user.slice/user-1000.slice/user@1000.service/app.slice/run-r0.scope", nil),
        ContainerCase("/docker/\(one.dropLast())", nil),
        ContainerCase("/docker/\(one.uppercased())", nil),
        ContainerCase("/docker/0\(one)", nil),
        ContainerCase("/docker-\(one).mount", nil),
        ContainerCase("//docker//\(one)//", one, .docker, below: "//docker//\(one)"),
    ]

    @Test("a path names its innermost container", arguments: cases)
    func path(_ expected: ContainerCase) {
        let found = ContainerID(cgroup: expected.path)
        #expect(found?.id == expected.id)
        guard let found, expected.id != nil else { return }
        #expect(found.runtime == expected.runtime)
        #expect(found.podUID == expected.podUID)
        #expect(found.cgroup == expected.below ?? expected.path)
    }

    @Test("what is around everything is left out of account")
    func base() {
        #expect(ContainerID(cgroup: "/docker/\(one)/init.scope", below: "/docker/\(one)") == nil)
        #expect(ContainerID(cgroup: "/docker/\(one)", below: "/docker/\(one)") == nil)
        #expect(ContainerID(cgroup: "/docker/\(one)/docker/\(two)", below: "/docker/\(one)")?.id == two)
        #expect(ContainerID(cgroup: "/lxc/webmail", below: "/lxc/web")?.id == "webmail")
        #expect(ContainerID(cgroup: "/docker/\(two)", below: "/docker/\(one)")?.id == two)
        #expect(ContainerID(cgroup: "/docker/\(two)", below: "/")?.id == two)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A function that the kernel offers to programs by number, `enum bpf_func_id` of `include/uapi/linux/bpf.h`.
public struct BPFHelper: Sendable, Hashable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: UInt32
    /// The first kernel that has it.
    public let since: KernelVersion
    /// Its name in C.
    public let description: String

    /// Any helper, also one that has no constant here.
    public init(_ name: String, _ rawValue: UInt32, since: KernelVersion) {
        self.rawValue = rawValue
        self.since = since
        description = name
    }

    /// `bpf_get_current_cgroup_id`.
    public static let currentCgroupID = BPFHelper("bpf_get_current_cgroup_id", 80, since: KernelVersion(4, 18))
    /// `bpf_probe_read_kernel`.
    public static let probeReadKernel = BPFHelper("bpf_probe_read_kernel", 113, since: KernelVersion(5, 5))
    /// `bpf_ktime_get_boot_ns`.
    public static let bootTime = BPFHelper("bpf_ktime_get_boot_ns", 125, since: KernelVersion(5, 8))
    /// `bpf_ringbuf_reserve`.
    public static let ringBufferReserve = BPFHelper("bpf_ringbuf_reserve", 131, since: KernelVersion(5, 8))
    /// `bpf_per_cpu_ptr`.
    public static let perCPUPointer = BPFHelper("bpf_per_cpu_ptr", 153, since: KernelVersion(5, 10))
    /// `bpf_get_current_task_btf`.
    public static let currentTask = BPFHelper("bpf_get_current_task_btf", 158, since: KernelVersion(5, 11))
    /// `bpf_for_each_map_elem`.
    public static let forEachMapElement = BPFHelper("bpf_for_each_map_elem", 164, since: KernelVersion(5, 13))
    /// `bpf_get_func_ip`.
    public static let functionAddress = BPFHelper("bpf_get_func_ip", 173, since: KernelVersion(5, 15))
    /// `bpf_loop`.
    public static let loop = BPFHelper("bpf_loop", 181, since: KernelVersion(5, 17))
    /// `bpf_map_lookup_percpu_elem`.
    public static let lookupPerCPU = BPFHelper("bpf_map_lookup_percpu_elem", 195, since: KernelVersion(5, 19))
}

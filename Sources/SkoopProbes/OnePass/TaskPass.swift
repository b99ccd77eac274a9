// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Lists every process with its I/O accounting by one read of `iter/task`, and sums the I/O of threads that exit.
///
/// Kernel 5.8 and later. A value is owned by one thread at a time.
struct TaskPass: ~Copyable {
    private static let list: BPFProgramName = "list_tasks"
    private static let countExit: BPFProgramName = "count_exit"
    private static let exited: BPFMapName<skoop_task_group, skoop_io> = "exited"
    private static let exitsLost: BPFGlobalName<UInt64> = "exits_lost"

    // Declared in the order in which they must go: the link before the object it holds.
    private let exits: BPFLink
    private let tasks: BPFIterator
    private let program: LoadedBPFObject
    private let begin: UInt64
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var lostBefore: UInt64 = 0

    /// Loads the programs and begins to count exits.
    init() throws(BPFError) {
        let program = try BPFObject(.taskIo).load()
        let tasks = try program.iterator(Self.list)
        let exits = try program.attach(Self.countExit, to: .btfTracepoint("sched_process_exit"))
        self.exits = exits
        self.tasks = tasks
        self.program = program
        begin = SystemClock.boot
    }

    /// Lists the processes.
    mutating func read(_ problems: ProblemCounter) throws(BPFError) -> TaskListing {
        var listing = TaskListing()
        // Exits first: a thread that ends between the two readings is then missed for one scrape and not counted twice.
        try program.map(Self.exited).takeAll { group, io in listing.exited[TaskGroup(group)] = TaskIO(io) }
        let lost = try program.global(Self.exitsLost)
        if lost > lostBefore { problems.record("exit", count: lost - lostBefore) }
        lostBefore = lost

        var processes: [Int32: Int] = [:]
        let begin = begin
        let size = MemoryLayout<skoop_task>.size
        try tasks.run(into: &buffer) { piece in
            for offset in stride(from: 0, through: piece.byteCount - size, by: size) {
                guard let task = piece.load(as: skoop_task.self, at: offset) else { continue }
                listing.add(task, &processes, begin: begin)
            }
        }
        return listing
    }
}

/// All processes at one moment, and what threads that exited since the last listing had done.
struct TaskListing: Sendable {
    /// The processes in the order of their numbers.
    var processes: [ListedProcess] = []
    /// I/O of exited threads by group.
    var exited: [TaskGroup: TaskIO] = [:]

    fileprivate mutating func add(_ task: skoop_task, _ positions: inout [Int32: Int], begin: UInt64) {
        let pid = Int32(bitPattern: task.tgid)
        let position: Int
        if let known = positions[pid] {
            position = known
        } else {
            position = processes.count
            positions[pid] = position
            processes.append(ListedProcess(pid: pid, started: task.start_boottime, group: TaskGroup(task.group)))
        }
        processes[position].live.add(TaskIO(task.own))
        guard task.pid == task.tgid else { return }
        processes[position].group = TaskGroup(task.group)
        processes[position].inherited = TaskIO(task.inherited)
        processes[position].isOlderThanPass = task.start_boottime < begin
    }
}

/// One process of a ``TaskListing``.
struct ListedProcess: Sendable {
    let pid: Int32
    /// When it started, in nanoseconds since boot.
    let started: UInt64
    /// Its namespace and control groups.
    var group: TaskGroup
    /// What its living threads did themselves.
    var live = TaskIO()
    /// What its dead threads, and children that it waited for, had done.
    var inherited = TaskIO()
    /// Whether it was there before exits were counted.
    var isOlderThanPass = false

    /// Start time as `/proc/<pid>/stat` shows it.
    var startTicks: UInt64 { started / (1_000_000_000 / Host.clockTicksPerSecond) }
}

/// Tasks of one group belong to the same entity.
struct TaskGroup: Hashable, Sendable {
    let namespace: NamespaceID
    let cgroup: UInt64
    let cpuCgroup: UInt64
    let memoryCgroup: UInt64

    init(_ group: skoop_task_group) {
        namespace = NamespaceID(rawValue: group.namespace)
        cgroup = group.cgroup
        cpuCgroup = group.cgroup_cpu
        memoryCgroup = group.cgroup_memory
    }

    /// The control groups.
    var groups: NamespaceBirth.Groups {
        NamespaceBirth.Groups(unified: cgroup, cpu: cpuCgroup, memory: memoryCgroup)
    }
}

/// Sums of I/O accounting, modulo 2^64.
struct TaskIO: Sendable, Hashable {
    var readCalls: UInt64 = 0
    var writeCalls: UInt64 = 0
    var readBytes: UInt64 = 0
    var writtenBytes: UInt64 = 0

    init() {}

    init(_ io: skoop_io) {
        (readCalls, writeCalls, readBytes, writtenBytes) = (
            io.read_calls, io.write_calls, io.read_bytes, io.written_bytes
        )
    }

    init(_ io: ProcessIO) {
        (readCalls, writeCalls, readBytes, writtenBytes) = (io.readCalls, io.writeCalls, io.readBytes, io.writtenBytes)
    }

    mutating func add(_ other: TaskIO) {
        readCalls &+= other.readCalls
        writeCalls &+= other.writeCalls
        readBytes &+= other.readBytes
        writtenBytes &+= other.writtenBytes
    }

    /// Raises each sum to that of `other` where it is lower.
    mutating func raise(to other: TaskIO) {
        readCalls = max(readCalls, other.readCalls)
        writeCalls = max(writeCalls, other.writeCalls)
        readBytes = max(readBytes, other.readBytes)
        writtenBytes = max(writtenBytes, other.writtenBytes)
    }
}

// SPDX-License-Identifier: Apache-2.0
#if Kubernetes
    import SkoopSystem

    /// Runs tasks on a thread of its own, for as long as the process lives.
    ///
    /// Swift's own threads for tasks are as many as CPUs; whoever uses Skoop may block them.
    final class ThreadExecutor: TaskExecutor {
        private let jobs = Monitor<[UnownedJob]>([])

        /// Starts the thread.
        init(name: String) throws(SystemError) {
            _ = try WorkerThread(name: name) { [self] in
                while true {
                    let ready = jobs.wait { jobs -> [UnownedJob]? in
                        defer { jobs.removeAll() }
                        return jobs.isEmpty ? nil : jobs
                    }
                    for job in ready ?? [] { job.runSynchronously(on: asUnownedTaskExecutor()) }
                }
            }
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.update { $0.append(job) }
        }
    }
#endif

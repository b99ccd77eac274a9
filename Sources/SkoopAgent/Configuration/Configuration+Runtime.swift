// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopKubernetes
import SkoopYAML

extension Configuration {
    /// Which container runtime is asked for its pods; `nil` for none.
    ///
    /// What the file does not say comes from the environment's `RUNTIME_SOCK`, as with KubeSkoop.
    static var runtimeOfEnvironment: RuntimePods.Settings {
        var settings = RuntimePods.Settings()
        settings.socket = getenv("RUNTIME_SOCK").flatMap { RuntimeSocket(String(cString: $0)) }
        return settings
    }
}

extension ConfigurationReader {
    /// Reads `runtime`.
    func runtime(_ keys: inout MappingReader) -> RuntimePods.Settings? {
        var settings = Configuration.runtimeOfEnvironment
        settings.interval =
            keys.duration("interval", in: .milliseconds(500)...(.seconds(3600))) ?? settings.interval
        let word = keys.node("socket")?.string
        if word == "none" { return nil }
        if word == "auto" {
            settings.socket = nil
        } else {
            settings.socket =
                keys.value("socket", expected: "auto, none, or the absolute path of a runtime's socket") {
                    $0.string.flatMap { RuntimeSocket($0) }
                } ?? settings.socket
        }
        return settings
    }
}

// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopIdentity

/// What a runtime says of a sandbox beyond the interface, in JSON of its own.
enum SandboxInfo {
    /// The path of the network namespace in the OCI specification, which containerd and CRI-O give under `info`.
    ///
    /// - Returns: nil where nothing is said of it: no information, or the host's network.
    static func networkNamespace(in info: [String: String]) throws(IdentityStatus.Failure) -> String? {
        guard let text = info["info"], !text.isEmpty else { return nil }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text.utf8)
        } catch {
            throw IdentityStatus.Failure(.malformed, "the information on a sandbox is no JSON: \(error)")
        }
        let specification = value["runtimeSpec"]?["linux"]?["namespaces"]?.elements ?? []
        let path = specification.first { $0["type"]?.string == "network" }?["path"]?.string
        return path?.isEmpty == false ? path : nil
    }
}

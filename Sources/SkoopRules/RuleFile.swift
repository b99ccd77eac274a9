// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
public import SkoopYAML

/// Rules in YAML, for people who do not compile.
///
/// ```yaml
/// rules:
///   - id: checkout-refused
///     guides: [http]
///     symptom: the shop answers 502
///     cause: the payment service refuses connections
///     when:
///       all:
///         - {event: TCPConnectFailed, where: {result: refused, dport: 8443}, atLeast: 3}
///         - not: {increase: kubeskoop_tcpext_listenoverflows, atLeast: 1, of: peer}
///     advice: [look at the payment service's pods]
/// ```
///
/// Names of metrics, labels, events and fields are checked against the catalogue; older spellings of metrics will do.
public enum RuleFile {
    /// Reads the text of a rule file.
    ///
    /// - Parameters:
    ///   - text: the document.
    ///   - file: its name, for messages.
    ///   - others: rules that the file's own may explain, or be explained by, and whose names they must not have.
    /// - Throws: everything that is wrong with it.
    public static func parse(
        _ text: String, file: String, beside others: [Rule] = Rule.builtIn
    ) throws(DocumentErrors) -> [Rule] {
        var reader = RuleSetReader(beside: others)
        reader.add(text, file: file)
        return try reader.finish()
    }

    /// Reads files of rules that are used together: those of one may explain those of another, and no name is there twice.
    ///
    /// - Parameters:
    ///   - paths: the files.
    ///   - others: as for ``parse(_:file:beside:)``.
    /// - Returns: the rules of all files, in their order; `others` are not among them.
    /// - Throws: everything that is wrong with any of them, also a file that cannot be read.
    public static func read(
        _ paths: [String], beside others: [Rule] = Rule.builtIn
    ) throws(DocumentErrors) -> [Rule] {
        var reader = RuleSetReader(beside: others)
        for path in paths {
            do throws(DocumentError) {
                reader.add(try DocumentFile.text(path), file: path)
            } catch {
                reader.errors.append(error)
            }
        }
        return try reader.finish()
    }

    /// The rules that a command line asks for: those of the library and those of some files.
    ///
    /// - Parameters:
    ///   - paths: the files.
    ///   - isAlone: whether only the rules of the files are meant; without files that is an error.
    /// - Throws: everything that is wrong with the files.
    public static func together(with paths: [String], only isAlone: Bool = false) throws(DocumentErrors) -> [Rule] {
        guard !isAlone || !paths.isEmpty else {
            throw DocumentErrors([DocumentError(file: "--only-rules", "give files of rules with --rules")])
        }
        return (isAlone ? [] : Rule.builtIn) + (try read(paths))
    }

    /// The rule with an id.
    ///
    /// - Throws: where there is none, with what was probably meant.
    public static func rule(_ id: String, in rules: [Rule]) throws(UnknownRule) -> Rule {
        guard let rule = rules.first(where: { $0.id == id }) else {
            throw UnknownRule(description: NearestName.message(unknown: "rule", id, allowed: rules.map(\.id)))
        }
        return rule
    }

    /// An id that no rule has.
    public struct UnknownRule: Error, Sendable, Hashable, CustomStringConvertible {
        /// One line.
        public var description: String
    }
}

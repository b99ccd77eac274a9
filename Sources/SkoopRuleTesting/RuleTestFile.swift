// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopRules
public import SkoopYAML

/// Tests of rules in YAML.
///
/// ```yaml
/// rules: [checkout.yaml]
/// tests:
///   - name: the payment service is down
///     recording: refused.skoop
///     expect:
///       - {case: checkout-refused, entity: shop/cart-0, confidence: {atLeast: 0.7}}
///     absent: [{case: listen-overflow}]
/// ```
///
/// Files are named relative to the file that names them.
public struct RuleTestFile {
    /// The file.
    public var path: String
    /// The rules by which evidence is judged.
    public var rules: [Rule]
    /// The tests.
    public var tests: [RuleTest]

    /// Reads a file and the rules that it names; evidence is not read yet.
    ///
    /// - Throws: everything that is wrong with them.
    public init(_ path: String) throws(DocumentErrors) {
        let text: String
        do throws(DocumentError) { text = try DocumentFile.text(path) } catch { throw DocumentErrors([error]) }
        try self.init(text, file: path)
    }

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: the document.
    ///   - file: its name, for messages, and as that to which other names are relative.
    /// - Throws: everything that is wrong with it or with the rules that it names.
    public init(_ text: String, file: String) throws(DocumentErrors) {
        path = file
        let diagnostics = Diagnostics(file: file)
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAMLDocument.parse(text)
        } catch { throw DocumentErrors([DocumentError(file: file, line: error.line, error.message)]) }
        var keys = MappingReader(root, path: "", diagnostics)
        var reader = RuleTestReader(diagnostics, folder: Self.folder(of: file))
        let paths = reader.texts(&keys, "rules").map(reader.resolved)
        rules = (keys.bool("builtIn") ?? true ? Rule.builtIn : []) + (try RuleFile.read(paths))
        reader.known = rules.map(\.id)
        let list = keys.list("tests")
        if list.isEmpty { diagnostics.error("expected a list of tests, found nothing", key: "tests", line: root.line) }
        tests = list.compactMap { reader.test($0.node, path: $0.path) }
        keys.finish()
        try diagnostics.check()
    }

    private static func folder(of file: String) -> String {
        file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }
}

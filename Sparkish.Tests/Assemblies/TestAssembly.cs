using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Sparkish.Tests.Assemblies;

/// <summary>Assemblies that tests compile.</summary>
internal static class TestAssembly
{
    private static readonly Lazy<MetadataReference[]> Trusted = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file))]);

    /// <summary>Compiles source code to a file, which is named as the assembly and <c>.dll</c>, in a directory that is made for it. Its debug
    /// symbols are embedded.</summary>
    public static string Compile(
        string directory, string name, string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, params string[] references)
    {
        Directory.CreateDirectory(directory);
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(source, path: name + ".cs", encoding: Encoding.UTF8)],
            [.. Trusted.Value, .. references.Select(file => MetadataReference.CreateFromFile(file))],
            new CSharpCompilationOptions(kind, optimizationLevel: OptimizationLevel.Release));
        var path = Path.Combine(directory, name + ".dll");
        using var file = File.Create(path);
        var result = compilation.Emit(file, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        Assert.That(result.Success, Is.True, string.Join('\n', result.Diagnostics));
        return path;
    }
}

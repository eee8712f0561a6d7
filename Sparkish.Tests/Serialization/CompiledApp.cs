using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>An application of a test: C# that is compiled and loaded into a context of its own, which can be unloaded.</summary>
internal sealed class CompiledApp
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.Linq; using Sparkish.Serialization; using Sparkish.Serialization.Messages;\n";

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is "Sparkish.Core.dll" || Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    private readonly AssemblyLoadContext _context;

    /// <summary>Compiles a source; all apps have the same assembly name, as the versions of one app have. It has a class <c>App</c>.</summary>
    public CompiledApp(string source)
    {
        var compilation = CSharpCompilation.Create("EvolvingApp", [CSharpSyntaxTree.ParseText(Usings + source)], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success) throw new AssertionException(string.Join('\n', result.Diagnostics));
        image.Position = 0;
        _context = new AssemblyLoadContext("EvolvingApp", isCollectible: true);
        Assembly = _context.LoadFromStream(image);
        Context = new SerializationContext { Types = new TypeBinder(name => name.Name is "EvolvingApp" ? Assembly : Assembly.Load(name)) };
    }

    public Assembly Assembly { get; }

    public SerializationContext Context { get; }

    /// <summary>What <c>App.Make</c> returns, as bytes.</summary>
    public byte[] Written() => ObjectSerializer.Serialize(Call("Make"), Context);

    /// <summary>What <c>App.Show</c> tells of a graph that was read.</summary>
    public string Shown(byte[] bytes) => (string)Call("Show", ObjectSerializer.Deserialize<object>(bytes, Context))!;

    public object? Call(string method, params object?[] arguments) =>
        Assembly.GetType("App")!.GetMethod(method)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    public void Unload() => _context.Unload();
}

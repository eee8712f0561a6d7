namespace Sparkish.Tests.Processes;

/// <summary>The built program Sparkish.Tests.Node, which processes of tests run.</summary>
internal static class NodeProgram
{
    /// <summary>Its assembly, of the same configuration and framework as the tests.</summary>
    public static string Path { get; } = RepositoryRoot.OutputOf("Sparkish.Tests.Node", "Sparkish.Tests.Node.dll");

    /// <summary>The command line of <c>dotnet</c> that runs it.</summary>
    public static string[] Arguments(params IEnumerable<string> arguments) => ["exec", Path, .. arguments];
}

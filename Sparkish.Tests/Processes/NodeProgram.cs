namespace Sparkish.Tests.Processes;

/// <summary>The built program Sparkish.Tests.Node, which processes of tests run.</summary>
internal static class NodeProgram
{
    /// <summary>Its assembly, of the same configuration and framework as the tests.</summary>
    public static string Path { get; } = Find();

    /// <summary>The command line of <c>dotnet</c> that runs it.</summary>
    public static string[] Arguments(params IEnumerable<string> arguments) => ["exec", Path, .. arguments];

    private static string Find()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
        return System.IO.Path.Combine(
            RepositoryRoot.Find(), "Sparkish.Tests.Node", "bin", configuration.Parent!.Name, configuration.Name, "Sparkish.Tests.Node.dll");
    }
}

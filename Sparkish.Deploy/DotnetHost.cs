namespace Sparkish.Deploy;

/// <summary>Locates the <c>dotnet</c> program, which runs .NET assemblies.</summary>
internal static class DotnetHost
{
    /// <summary>The dotnet that runs this process, or that belongs to its runtime, or the first on the path.</summary>
    public static string Path { get; } = Find();

    public static bool IsDotnet(string program) =>
        string.Equals(System.IO.Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.OrdinalIgnoreCase);

    private static string Find()
    {
        if (Environment.ProcessPath is { } running && IsDotnet(running)) return running;
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } named) return named;

        // The runtime is in <dotnet>/shared/Microsoft.NETCore.App/<version>/.
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var besideRuntime = System.IO.Path.GetFullPath(System.IO.Path.Combine(runtime, "..", "..", "..", name));
        return File.Exists(besideRuntime) ? besideRuntime : name;
    }
}

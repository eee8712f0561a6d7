using System.Text.Json;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Serialization;

/// <summary>What became of a function that the program of shapes sent to a process of its own.</summary>
internal sealed record ShapeOutcome(
    string Name, IReadOnlyList<string> Captured, IReadOnlyList<string> Dropped, string? Whole, int Bytes, string Expected, string Here, string Actual)
{
    /// <summary>What was sent and what not, in one line.</summary>
    public string Line => $"{Name} | {string.Join(", ", Captured)} | {string.Join(", ", Dropped)} | {Whole}".TrimEnd();
}

/// <summary>The program of shapes, as it was compiled optimized and not: each runs once for all tests.</summary>
internal static class ClosureProgram
{
    public const string Optimized = "Sparkish.Tests.Closures";

    public const string Debug = "Sparkish.Tests.Closures.Debug";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, Task<IReadOnlyList<ShapeOutcome>>> Outcomes = new(StringComparer.Ordinal);

    public static Task<IReadOnlyList<ShapeOutcome>> SendAsync(string build)
    {
        lock (Outcomes)
        {
            if (!Outcomes.TryGetValue(build, out var outcome)) Outcomes.Add(build, outcome = ReadAsync(build));
            return outcome;
        }
    }

    /// <summary>Runs a program in one of its modes and returns its lines.</summary>
    public static Task<IReadOnlyList<string>> RunAsync(string build, string mode)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(RepositoryRoot.Find(), build, "bin", configuration.Parent!.Name, configuration.Name, $"{build}.dll");
        return TestProcess.RunAsync("dotnet", ["exec", program, mode], Patience);
    }

    private static async Task<IReadOnlyList<ShapeOutcome>> ReadAsync(string build)
    {
        var lines = await RunAsync(build, "send");
        return [.. lines.Select(line => JsonSerializer.Deserialize<ShapeOutcome>(line, JsonSerializerOptions.Web)!)];
    }
}

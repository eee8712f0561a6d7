using System.Diagnostics;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Rpc.Peer;

/// <summary>
/// Other actor frameworks, and Sparkish on one of them: measured by Sparkish.Benchmarks.Peers, a program of its own for the sake of their packages.
/// </summary>
internal static class ActorPeers
{
    /// <summary>What <c>--peer</c> calls them.</summary>
    public const string Name = "akka";

    private const string Program = "Sparkish.Benchmarks.Peers";

    /// <summary>Runs the program, which prints the figures, and returns its exit status.</summary>
    /// <param name="arguments">Options, which the program has in common with <c>rpc</c>.</param>
    /// <param name="errors">Told if the program is not there.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<int> RunAsync(IEnumerable<string> arguments, TextWriter errors, CancellationToken cancellationToken)
    {
        if (Find(AppContext.BaseDirectory) is not { } program)
        {
            await errors.WriteLineAsync($"rpc: {Program} was not built: run 'dotnet build -c Release {Program}' in the repository.");
            return 2;
        }

        var host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : "dotnet";
        using var process = ChildProcess.Start(Program, new ProcessStartInfo(host, ["exec", program, "compare", .. arguments]));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Finds the program beside this one, or where the build of the repository puts it beside any project's output.</summary>
    private static string? Find(string directory)
    {
        var output = Path.GetRelativePath(Path.GetFullPath(Path.Combine(directory, "..", "..", "..")), directory); // bin/Release/net10.0
        string[] places = [directory, Path.GetFullPath(Path.Combine(directory, "..", "..", "..", "..", Program, output))];
        return places.Select(place => Path.Combine(place, $"{Program}.dll")).FirstOrDefault(File.Exists);
    }
}

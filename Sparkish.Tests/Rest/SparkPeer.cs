using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Rest;

/// <summary>A copy of Apache Spark to compare with: <c>SPARKISH_PEER_SPARK</c> names its script <c>run</c>, or it lies beside the repository.</summary>
internal static class SparkPeer
{
    /// <summary>Its script; the test is ignored where there is none, or no Java.</summary>
    public static string Run()
    {
        var run = Environment.GetEnvironmentVariable("SPARKISH_PEER_SPARK") is { Length: > 0 } named ? named : Find();
        if (run is null || !File.Exists(run)) Assert.Ignore("There is no copy of Apache Spark: SPARKISH_PEER_SPARK does not name its 'run' script.");
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(Path.PathSeparator).Any(static directory => File.Exists(Path.Combine(directory, "java")))) Assert.Ignore("There is no Java.");
        return run!;
    }

    /// <summary>The directory with what its REST server answered; null where it is not there.</summary>
    public static string? Samples() =>
        Find() is { } run && Path.Combine(Path.GetDirectoryName(run)!, "samples", "rest-submission") is var samples && Directory.Exists(samples) ? samples : null;

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(RepositoryRoot.Find()).Parent; directory is not null; directory = directory.Parent)
        {
            var run = Path.Combine(directory.FullName, "shared", "peers", "spark", "run");
            if (File.Exists(run)) return run;
        }

        return null;
    }
}

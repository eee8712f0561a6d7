using System.ComponentModel;
using System.Diagnostics;

namespace Sparkish.Benchmarks.Servers;

/// <summary>Where a real ZooKeeper is on this machine.</summary>
/// <param name="ClassPath">For <c>java -cp</c>.</param>
internal sealed record ZooKeeperInstallation(string ClassPath)
{
    /// <summary>Names the peer's <c>run</c> script, whose folder has ZooKeeper among its jars.</summary>
    public const string SparkVariable = "SPARKISH_PEER_SPARK";

    // Debian's package; the manifest of its jar names the jars that it needs.
    private const string DebianJars = "/usr/share/java";

    private static readonly Lazy<(ZooKeeperInstallation? Installation, string? WhyMissing)> Found = new(Find);

    /// <summary>Why ZooKeeper is not installed; null if it is.</summary>
    public static string? WhyMissing => Found.Value.WhyMissing;

    /// <exception cref="SparkException">ZooKeeper is not installed.</exception>
    public static ZooKeeperInstallation Installed => Found.Value.Installation ?? throw new SparkException(WhyMissing!);

    private static (ZooKeeperInstallation? Installation, string? WhyMissing) Find()
    {
        if (OperatingSystem.IsWindows()) return (null, "ZooKeeper's servers are started through a Unix shell, which is not here.");
        if (!HasJava()) return (null, "There is no 'java' on the path to run ZooKeeper's servers with.");
        if (Environment.GetEnvironmentVariable(SparkVariable) is { Length: > 0 } run)
        {
            var jars = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(run))!, "jars");
            return Directory.Exists(jars) && Directory.EnumerateFiles(jars, "zookeeper-3*.jar").Any()
                ? (new ZooKeeperInstallation(Path.Combine(jars, "*")), null)
                : (null, $"{SparkVariable} is '{run}', but there is no ZooKeeper in {jars}.");
        }

        return File.Exists(Path.Combine(DebianJars, "zookeeper.jar"))
            ? (new ZooKeeperInstallation($"{DebianJars}/zookeeper.jar:{DebianJars}/slf4j-simple.jar"), null)
            : (null, $"ZooKeeper is not installed: install the package 'zookeeper', or let {SparkVariable} name a Spark's 'run' script.");
    }

    private static bool HasJava()
    {
        try
        {
            using var java = Process.Start(
                new ProcessStartInfo("java", "-version") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true });
            java!.WaitForExit();
            return java.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

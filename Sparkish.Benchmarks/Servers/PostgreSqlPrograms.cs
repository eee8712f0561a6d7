using System.Diagnostics;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Servers;

/// <summary>PostgreSQL's programs, as Debian's package installs them: where they are, and how they run under a user that they accept.</summary>
internal static class PostgreSqlPrograms
{
    private const string Versions = "/usr/lib/postgresql";
    private const string User = "postgres";

    private static readonly string[] Candidates = ["/usr/bin/setpriv", "/bin/setpriv"];

    /// <summary>Why a server cannot be started here; null if it can.</summary>
    public static string? WhyMissing { get; } = Find() switch
    {
        null => $"PostgreSQL is not installed: no {Versions}/<version>/bin/postgres (Debian's package is 'postgresql').",
        _ when Environment.IsPrivilegedProcess && (SetPriv is null || !HasUser()) =>
            $"PostgreSQL does not run as root, and there is no setpriv or no user '{User}'.",
        _ => null,
    };

    private static string? SetPriv => Array.Find(Candidates, File.Exists);

    /// <summary>The newest version's program of a name.</summary>
    public static string PathOf(string program) => Path.Combine(Find() ?? throw new SparkException(WhyMissing!), program);

    /// <summary>A command line that runs a program as a user who is not root: as this one, or as the package's own.</summary>
    public static (string FileName, IReadOnlyList<string> Arguments) Unprivileged(string program, params IEnumerable<string> arguments) =>
        Environment.IsPrivilegedProcess
        ? (SetPriv!, ["--reuid", User, "--regid", User, "--clear-groups", program, .. arguments])
        : (program, [.. arguments]);

    /// <summary>Runs a program to its end as a user who is not root.</summary>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        var (fileName, all) = Unprivileged(program, arguments);
        _ = await ChildProcess.RunAsync(
            Path.GetFileName(program), fileName, all, new Dictionary<string, string>(StringComparer.Ordinal), limit, cancellationToken);
    }

    /// <summary>Gives a directory to the user that the programs run as.</summary>
    public static async Task HandOverAsync(string directory, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess) return;
        _ = await ChildProcess.RunAsync(
            "chown", "chown", ["-R", $"{User}:", directory], new Dictionary<string, string>(StringComparer.Ordinal), limit, cancellationToken);
    }

    /// <summary>The processes whose parent is a process.</summary>
    public static IReadOnlyList<int> ChildrenOf(int parent) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(IsNumber).Select(Number).Where(id => ParentOf(id) == parent)];

    /// <summary>What a process calls itself; empty for one that is gone.</summary>
    public static string TitleOf(int id)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Ends a process at once; one that is gone already is left alone.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself: children of a killed server do so.
        }
    }

    private static string? Find() => Directory.Exists(Versions)
        ? Directory.EnumerateDirectories(Versions)
            .Where(directory => IsNumber(Path.GetFileName(directory)) && File.Exists(Path.Combine(directory, "bin", "postgres")))
            .OrderByDescending(directory => Number(Path.GetFileName(directory)))
            .Select(directory => Path.Combine(directory, "bin"))
            .FirstOrDefault()
        : null;

    private static bool HasUser() => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(User + ":", StringComparison.Ordinal));

    private static bool IsNumber(string? name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static int Number(string? name) => int.Parse(name!, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int? ParentOf(int id)
    {
        try
        {
            // "1234 (a name) S 1200 …": the name may hold anything, so what follows its last bracket counts.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return Number(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return null; // It ended while we looked.
        }
    }
}

namespace Sparkish.Tests.Assemblies;

/// <summary>
/// The assemblies that an application needs in its folder to use Sparkish, as they were built for these tests: Sparkish's and those of its packages.
/// </summary>
internal static class SparkishFiles
{
    /// <summary>Their paths.</summary>
    public static string[] All { get; } =
    [
        .. new[] { "Sparkish.Core.dll", "Sparkish.Scheduler.dll", "Sparkish.Deploy.dll", "Npgsql.dll" }.Select(
            file => Path.Combine(AppContext.BaseDirectory, file)),
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "Microsoft.Extensions.*.dll"),
    ];

    /// <summary>Puts them into a folder.</summary>
    public static void CopyTo(string directory)
    {
        foreach (var file in All) File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
    }
}

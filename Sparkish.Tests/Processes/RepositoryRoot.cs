namespace Sparkish.Tests.Processes;

/// <summary>Where the checkout is that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Sparkish.sln"))) return directory.FullName;
        }

        throw new DirectoryNotFoundException($"No directory above {AppContext.BaseDirectory} holds Sparkish.sln.");
    }

    /// <summary>A file in the output of another project, of the same configuration and framework as the tests.</summary>
    public static string OutputOf(string project, string file)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Find(), project, "bin", own.Parent!.Name, own.Name, file);
    }
}

using Sparkish.Tests.Packaging;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests;

/// <summary>
/// What MSBuild packs and publishes of the repository as it was built, once for all tests, one after the other: two runs at a time would write the same files
/// below <c>obj/</c>.
/// </summary>
internal static class RepositoryBuild
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly SemaphoreSlim OneAtATime = new(1);
    private static readonly Lock Gate = new();
    private static TemporaryDirectory? _made;
    private static Task<string>? _packages;
    private static Task<string>? _command;

    /// <summary>The directory of all packages.</summary>
    public static Task<string> PackagesAsync()
    {
        lock (Gate) return _packages ??= RunAsync("packages", "pack");
    }

    /// <summary>The directory of a published copy of <c>sparkish</c>.</summary>
    public static Task<string> CommandAsync()
    {
        lock (Gate) return _command ??= RunAsync("sparkish", "publish", "Sparkish.Cli");
    }

    /// <summary>Removes what was made.</summary>
    public static void Remove() => _made?.Dispose();

    private static async Task<string> RunAsync(string name, params string[] command)
    {
        var directory = (_made ??= new TemporaryDirectory()).File(name);
        await OneAtATime.WaitAsync();
        try
        {
            await TestProcess.RunAsync("dotnet", [.. command, "--no-build", "--nologo", "-c", UserApp.Configuration, "-o", directory],
                Limit, RepositoryRoot.Find(), UserApp.CleanEnvironment());
        }
        finally
        {
            OneAtATime.Release();
        }

        return directory;
    }
}

namespace Sparkish.Assemblies;

/// <summary>What came of looking for a file of the application: files, the one that was asked for first; or why there is none.</summary>
/// <param name="Files">The paths of the files; empty if there are none.</param>
/// <param name="IsRefused">Whether there is such a file, but none that may be sent.</param>
/// <param name="Reason">Why there are none, as a sentence.</param>
internal sealed record AssetLookup(IReadOnlyList<string> Files, bool IsRefused, string Reason)
{
    public static AssetLookup Found(params IReadOnlyList<string> files) => new(files, IsRefused: false, "");

    public static AssetLookup Absent(string reason) => new([], IsRefused: false, reason);

    public static AssetLookup Refused(string reason) => new([], IsRefused: true, reason);
}

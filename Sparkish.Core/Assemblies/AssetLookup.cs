namespace Sparkish.Assemblies;

/// <summary>The outcome of a look-up of an application's file: files, the requested one first; or the reason why it was not found.</summary>
/// <param name="Files">The paths of the files; empty if no file was found.</param>
/// <param name="IsRefused">Whether the file exists but may not be sent.</param>
/// <param name="Reason">The reason why no file was found, as a sentence.</param>
internal sealed record AssetLookup(IReadOnlyList<string> Files, bool IsRefused, string Reason)
{
    public static AssetLookup Found(params IReadOnlyList<string> files) => new(files, IsRefused: false, "");

    public static AssetLookup Absent(string reason) => new([], IsRefused: false, reason);

    public static AssetLookup Refused(string reason) => new([], IsRefused: true, reason);
}

using System.Collections.Concurrent;
using System.Reflection;
using Sparkish.Assemblies;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// The files of a deployed application. The announced assemblies are already here, so that reading a message never fetches one. Satellites and native libraries
/// are fetched when code first needs them.
/// </summary>
internal sealed class DeployedAssets(ConcurrentDictionary<string, AnnouncedFile> announced, ApplicationAssets others, LoadableFiles loadable) : ILoadedAssets
{
    public string Source => others.Source;

    public string? FindAssembly(AssemblyName assembly) =>
        assembly.CultureName is { Length: > 0 } ? others.FindAssembly(assembly) : FindAnnounced(assembly.Name!);

    public string? FindNative(string library) => others.FindNative(library);

    public string? WhyMissing(string library) => others.WhyMissing(library);

    // The bytes are read once: the file may have been changed since it was fetched, and may be while it is loaded.
    private string? FindAnnounced(string name)
    {
        if (!announced.TryGetValue(name, out var file)) return null;
        var content = ContentCache.ReadWhole(file.Path, file.Hash) ?? throw new SparkException(
            $"Assembly {name} in '{file.Path}' was changed since it was fetched from the {Source}: other processes of this user write there. Deploy it again.");
        return loadable.Add(name + ".dll", content);
    }
}

/// <summary>A file that was fetched before it is needed.</summary>
/// <param name="Path">Where it is kept.</param>
/// <param name="Hash">The SHA-256 of its content.</param>
internal sealed record AnnouncedFile(string Path, string Hash);

using System.Collections.Concurrent;

namespace Sparkish.Assemblies;

/// <summary>
/// Files that are loaded into this process: other processes share the cache that they come from, and must not change them between the look at their hashes
/// and their use. Assemblies are sealed in memory where the system can do that. Native libraries, which look for others beside them, and what cannot be sealed
/// are copied into a directory that only this process knows. Thread-safe.
/// </summary>
/// <param name="parent">Where the directory is made when it is first needed; it goes when the process ends.</param>
/// <param name="seals">
/// Whether assemblies are sealed. Their descriptors stay open for as long as the process lives, because the runtime knows images by path and a number that
/// comes again would name another file: so not where assemblies are unloaded.
/// </param>
internal sealed class LoadableFiles(string parent, bool seals)
{
    private const string Prefix = ".process-";

    private readonly Lock _lock = new();
    private readonly ConcurrentBag<SealedFile> _sealed = [];
    private ScratchDirectory? _directory;

    /// <summary>The path to load an assembly from.</summary>
    /// <param name="name">The name of its file.</param>
    /// <param name="content">Its bytes.</param>
    public string Add(string name, ReadOnlySpan<byte> content)
    {
        if (seals && SealedFile.TryCreate(name, content) is { } made)
        {
            _sealed.Add(made);
            return made.Path;
        }

        var copy = Path.Combine(NewPlace(), name);
        PrivateFiles.WriteAllBytes(copy, content);
        return copy;
    }

    /// <summary>A directory for files that must lie side by side; no other process knows it.</summary>
    public string NewPlace()
    {
        ScratchDirectory directory;
        lock (_lock) directory = _directory ??= ScratchDirectory.Create(parent, Prefix);
        var place = Path.Combine(directory.Path, Guid.NewGuid().ToString("N"));
        PrivateFiles.CreateDirectory(place);
        return place;
    }
}

namespace Sparkish.Deploy.Uploads;

/// <summary>The packages of applications on a master, each in a file with its hash as name. Packages exist as a whole or not at all.</summary>
internal sealed class UploadStore : IDisposable
{
    private const string PartPrefix = ".part-";

    private readonly UploadOptions _options;
    private ScratchDirectory? _scratch;

    public UploadStore(UploadOptions options)
    {
        _options = options;
        if (options.Directory is { } directory && Directory.Exists(directory)) RemoveParts(directory);
    }

    /// <summary>The packages, the oldest first.</summary>
    public IReadOnlyList<StoredPackage> Packages() => Existing is not { } directory ? [] :
        [.. new DirectoryInfo(directory).EnumerateFiles().Where(static file => PackageUrl.IsHash(file.Name))
            .Select(static file => new StoredPackage(file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)))
            .OrderBy(static package => package.Used)];

    public bool Has(string hash) => Existing is { } directory && File.Exists(Path.Combine(directory, hash));

    /// <summary>Notes that a package was asked for just now.</summary>
    public void Touch(string hash, DateTimeOffset now) => File.SetLastWriteTimeUtc(Path.Combine(Existing!, hash), now.UtcDateTime);

    /// <summary>Begins to receive a package.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public PartialUpload Begin(string hash, long length)
    {
        var directory = Existing ?? Create();
        return new PartialUpload(hash, length, Path.Combine(directory, $"{PartPrefix}{Guid.NewGuid():N}"), Path.Combine(directory, hash));
    }

    /// <summary>Reads a part of a package; null if it does not exist.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FetchedPart? Read(string hash, long offset)
    {
        if (!Has(hash)) return null;
        using var file = new FileStream(Path.Combine(Existing!, hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (offset > file.Length) return new FetchedPart(file.Length, []);
        file.Position = offset;
        var data = new byte[Math.Min(UploadRules.MaxPart, file.Length - offset)];
        file.ReadExactly(data);
        return new FetchedPart(file.Length, data);
    }

    /// <exception cref="IOException">The file cannot be removed.</exception>
    public void Remove(string hash)
    {
        if (Existing is { } directory) File.Delete(Path.Combine(directory, hash));
    }

    public void Dispose() => _scratch?.Dispose();

    private string? Existing => (_options.Directory ?? _scratch?.Path) is { } directory && Directory.Exists(directory) ? directory : null;

    private string Create()
    {
        if (_options.Directory is not { } directory) return (_scratch ??= ScratchDirectory.Create(_options.Parent, "sparkish-uploads-")).Path;
        PrivateFiles.ClaimDirectory(directory);
        return directory;
    }

    // What an earlier life of the master did not receive completely. Another master on this directory loses its uploads in progress, which clients report.
    private static void RemoveParts(string directory)
    {
        foreach (var part in Directory.EnumerateFiles(directory, $"{PartPrefix}*"))
        {
            try
            {
                File.Delete(part);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It takes space, and the next start tries again.
            }
        }
    }
}

/// <summary>A package on a master.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Used">The time of its upload, or of its last submission.</param>
internal sealed record StoredPackage(string Hash, long Length, DateTimeOffset Used);

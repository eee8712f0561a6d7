using Sparkish.Assemblies;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>Serves files of this process's application, and their names and hashes beforehand.</summary>
/// <param name="versions">Hashes files.</param>
/// <param name="find">Looks up a path.</param>
internal sealed class AssetSource(FileVersions versions, Func<string, AssetLookup> find) : IBulkSource
{
    private readonly FileSource _files =
        new(versions, path => find(path) is { Files: [var file, ..] } ? file : throw new BulkNotFoundException(find(path).Reason));

    public BulkContent Open(string path) => path.EndsWith(AssetAnswer.Query, StringComparison.Ordinal)
        ? new BulkContent().Add(Answer(path[..^AssetAnswer.Query.Length]).ToBytes())
        : _files.Open(path);

    private AssetAnswer Answer(string path)
    {
        try
        {
            var found = find(path);
            if (found.Files.Count == 0) return new AssetAnswer(found.IsRefused ? AssetStatus.Refused : AssetStatus.Absent, [], found.Reason);
            return new AssetAnswer(AssetStatus.Found, [.. found.Files.Select(file => new AssetFile(Path.GetFileName(file), versions.Of(file).Hash))], "");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidDataException or SparkException)
        {
            return new AssetAnswer(AssetStatus.Refused, [], $"The driver cannot read the file: {error.Message}");
        }
    }
}

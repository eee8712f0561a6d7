using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>Serves files, their versions and the rest of a version. A function maps a path to a file and throws if there is none.</summary>
internal sealed class FileSource(FileVersions versions, Func<string, string> find) : IBulkSource
{
    public BulkContent Open(string path)
    {
        var request = FileRequest.TryParse(path, out var name)
            ?? throw new BulkNotFoundException($"'{path}' requests a property of a file that this version does not know.");
        var file = find(name);
        if (!FileKind.IsRegular(file)) throw new BulkNotFoundException($"'{name}' does not exist or is not a regular file.");
        try
        {
            return request.Kind == FileRequestKind.Version ? new BulkContent().Add(versions.Of(file).ToBytes()) : Content(file, name, request);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BulkNotFoundException($"'{name}' cannot be read: {error.Message}");
        }
    }

    private BulkContent Content(string file, string name, FileRequest request)
    {
        var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var stamp = FileStamp.Of(handle);
            if (request.Tag is { } tag && versions.Of(file, stamp).Tag != tag)
                throw new BulkNotFoundException($"'{name}' has changed since the peer began to fetch it: fetch it again.");
            if (request.From > stamp.Length) throw new BulkNotFoundException($"'{name}' has {stamp.Length} bytes and cannot be read from {request.From} on.");
            return new BulkContent().Add(handle, request.From, stamp.Length - request.From, () => stamp.Check(handle, name));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}

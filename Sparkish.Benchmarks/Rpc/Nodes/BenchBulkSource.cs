using System.Globalization;
using Sparkish.Benchmarks.Rpc.Bare;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>Serves <c>memory/LENGTH</c> and <c>file/LENGTH</c>.</summary>
internal sealed class BenchBulkSource(BulkBody body) : IBulkSource
{
    /// <summary>The path under which a peer finds so many bytes.</summary>
    public static string PathOf(BareMode mode, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"{BenchNode.BulkPrefix}/{(mode is BareMode.File ? "file" : "memory")}/{length}");

    public BulkContent Open(string path)
    {
        var parts = path.Split('/');
        if (parts.Length != 2 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            throw new BulkNotFoundException($"'{path}' is not served: ask for memory/LENGTH or file/LENGTH.");
        return parts[0] is "file" ? OfFile(length) : OfMemory(length);
    }

    private BulkContent OfMemory(long length)
    {
        var content = new BulkContent();
        while (content.Length < length) content.Add(body.Memory[..(int)Math.Min(body.Memory.Length, length - content.Length)]);
        return content;
    }

    private BulkContent OfFile(long length)
    {
        var (content, file) = (new BulkContent(), body.OpenFile());
        while (content.Length < length) content.Add(file, 0, Math.Min(BulkBody.FileBytes, length - content.Length));
        return content;
    }
}

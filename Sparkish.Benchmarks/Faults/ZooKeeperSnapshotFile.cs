using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Benchmarks.Faults;

/// <summary>A snapshot of a server's nodes: the paths with their data.</summary>
internal static class ZooKeeperSnapshotFile
{
    private const int Magic = 0x5A4B534E; // ZKSN
    private const string End = "/"; // where a node's path would be; the root's is empty

    /// <returns>Null where the file is not a whole snapshot: the server passes over it.</returns>
    public static IReadOnlyDictionary<string, byte[]>? TryRead(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (ZooKeeperProtocolException)
        {
            return null;
        }
    }

    private static Dictionary<string, byte[]> Parse(byte[] file)
    {
        var reader = new JuteReader(file);
        if (reader.Int() != Magic) throw new ZooKeeperProtocolException("it is not a snapshot");
        _ = reader.Int(); // version
        _ = reader.Long(); // database
        for (var sessions = reader.Int(); sessions > 0; sessions--)
        {
            _ = reader.Long();
            _ = reader.Int();
        }

        for (var lists = reader.Int(); lists > 0; lists--)
        {
            _ = reader.Long();
            for (var entries = reader.Int(); entries > 0; entries--)
            {
                _ = reader.Int();
                _ = reader.Text();
                _ = reader.Text();
            }
        }

        var nodes = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var path = reader.Text(); path != End; path = reader.Text())
        {
            nodes[path] = reader.Bytes();
            _ = reader.Long(); // access control
            for (var i = 0; i < 4; i++) _ = reader.Long(); // czxid, mzxid, ctime, mtime
            for (var i = 0; i < 3; i++) _ = reader.Int(); // versions
            _ = reader.Long(); // owner
            _ = reader.Long(); // pzxid
        }

        return nodes;
    }
}

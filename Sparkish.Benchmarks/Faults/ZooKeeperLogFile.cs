using System.Buffers.Binary;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// One file of a server's transaction log, read as the server reads it at a start: up to its first record that is not whole. The server takes that for the
/// end of the file and passes over what comes behind, which this finds.
/// </summary>
/// <param name="Name">The file's name, which ends with the number of its first transaction.</param>
/// <param name="Transactions">What the server reads.</param>
/// <param name="BrokenAt">The byte at which the server stops although something comes behind; null where it reads all.</param>
/// <param name="Behind">Whole records behind that byte, which the server does not read.</param>
internal sealed record ZooKeeperLogFile(
    string Name, IReadOnlyList<ZooKeeperTransaction> Transactions, long? BrokenAt, IReadOnlyList<ZooKeeperTransaction> Behind)
{
    private const uint Magic = 0x5A4B4C47; // ZKLG
    private const int HeaderBytes = 16;
    private const int PrefixBytes = 12; // checksum 8, length 4
    private const byte EndOfRecord = (byte)'B';
    private const uint AdlerModulus = 65521;

    /// <summary>The number of its first transaction.</summary>
    public long First => Number(Name);

    public static ZooKeeperLogFile Read(string path) => Parse(Path.GetFileName(path), File.ReadAllBytes(path));

    public static ZooKeeperLogFile Parse(string name, byte[] file)
    {
        var transactions = new List<ZooKeeperTransaction>();
        if (file.Length < HeaderBytes || BinaryPrimitives.ReadUInt32BigEndian(file) != Magic)
            return new ZooKeeperLogFile(name, transactions, Array.TrueForAll(file, static b => b == 0) ? null : 0, []);

        var at = HeaderBytes;
        while (TryRecord(file, at, out var transaction, out var next))
        {
            transactions.Add(transaction!);
            at = next;
        }

        // Servers allocate more than they write: zeros are the regular end.
        if (file.AsSpan(at).IndexOfAnyExcept((byte)0) < 0) return new ZooKeeperLogFile(name, transactions, null, []);
        var behind = new List<ZooKeeperTransaction>();
        for (var start = at + 1; start < file.Length;)
        {
            if (TryRecord(file, start, out var found, out var end)) behind.Add(found!);
            start = found is null ? start + 1 : end;
        }

        return new ZooKeeperLogFile(name, transactions, at, behind);
    }

    /// <summary>The number in a file's name.</summary>
    public static long Number(string name) => Convert.ToInt64(name[(name.LastIndexOf('.') + 1)..], 16);

    private static bool TryRecord(byte[] file, int at, out ZooKeeperTransaction? transaction, out int next)
    {
        (transaction, next) = (null, at);
        if (file.Length - at < PrefixBytes) return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + sizeof(long)));
        if (length <= 0 || length > file.Length - at - PrefixBytes - 1 || file[at + PrefixBytes + length] != EndOfRecord) return false;
        var record = file.AsSpan(at + PrefixBytes, length);
        if (BinaryPrimitives.ReadInt64BigEndian(file.AsSpan(at)) != Adler32(record)) return false;
        try
        {
            transaction = ZooKeeperTransaction.Read(record);
        }
        catch (ZooKeeperProtocolException)
        {
            return false;
        }

        next = at + PrefixBytes + length + 1;
        return true;
    }

    private static long Adler32(ReadOnlySpan<byte> bytes)
    {
        var (low, high) = (1u, 0u);
        foreach (var b in bytes)
        {
            low = (low + b) % AdlerModulus;
            high = (high + low) % AdlerModulus;
        }

        return (high << 16) | low;
    }
}

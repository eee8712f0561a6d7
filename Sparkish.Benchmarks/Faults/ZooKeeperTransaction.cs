#pragma warning disable MA0048 // a transaction and what it writes belong together
using System.Runtime.InteropServices;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Benchmarks.Faults;

/// <summary>A node that a transaction creates, with its data.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CreatedNode(string Path, byte[] Data);

/// <summary>A transaction in a server's log, as far as journals are concerned.</summary>
/// <param name="Zxid">Its number: the term of the server that led in the upper half, a count in the lower one.</param>
/// <param name="Session">The session of the client that asked for it.</param>
/// <param name="Created">The nodes that it creates.</param>
internal sealed record ZooKeeperTransaction(long Zxid, long Session, IReadOnlyList<CreatedNode> Created)
{
    private const int HeaderBytes = 32; // session 8, request 4, zxid 8, time 8, type 4

    /// <exception cref="ZooKeeperProtocolException">The bytes are not a transaction.</exception>
    public static ZooKeeperTransaction Read(ReadOnlySpan<byte> record)
    {
        if (record.Length < HeaderBytes) throw new ZooKeeperProtocolException($"a transaction has {record.Length} bytes");
        var reader = new JuteReader(record);
        var session = reader.Long();
        _ = reader.Int();
        var zxid = reader.Long();
        _ = reader.Long();
        var created = new List<CreatedNode>();
        ReadBody((OpCode)reader.Int(), ref reader, created);
        return new ZooKeeperTransaction(zxid, session, created);
    }

    public static string Name(long zxid) => $"0x{zxid:x}";

    private static void ReadBody(OpCode type, ref JuteReader reader, List<CreatedNode> created)
    {
        switch (type)
        {
            case OpCode.Create or OpCode.Create2:
                var path = reader.Text();
                created.Add(new CreatedNode(path, reader.Bytes()));
                break;
            case OpCode.Multi:
                for (var count = reader.Int(); count > 0; count--)
                {
                    var part = (OpCode)reader.Int();
                    var body = new JuteReader(reader.Bytes());
                    ReadBody(part, ref body, created);
                }

                break;
            default: break; // what creates nothing does not matter here
        }
    }
}

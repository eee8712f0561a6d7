using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A client's first message on a connection: the session to resume (0 for a new one) and the last transaction that it has seen.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SessionHello(long LastZxid, TimeSpan Timeout, long SessionId, ReadOnlyMemory<byte> Password)
{
    public void Write(JuteWriter writer)
    {
        writer.Int(0); // the protocol's version
        writer.Long(LastZxid);
        writer.Int((int)Timeout.TotalMilliseconds);
        writer.Long(SessionId);
        writer.Bytes(Password.Span);
        writer.Bool(false); // refuses a server that is cut off from the others
    }
}

/// <summary>A server's first message: the session with its timeout, which is 0 if the session has expired.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SessionWelcome(TimeSpan Timeout, long SessionId, ReadOnlyMemory<byte> Password)
{
    public static SessionWelcome Read(ref JuteReader reader)
    {
        _ = reader.Int();
        var timeout = TimeSpan.FromMilliseconds(reader.Int());
        var id = reader.Long();
        return new SessionWelcome(timeout, id, reader.Bytes()); // old servers end here, others report whether they are read-only
    }
}

#pragma warning disable MA0048 // the parts of the handshake stand together
using System.Buffers.Binary;
using System.Net.Sockets;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>What a connection is for.</summary>
internal enum ConnectionKind : byte
{
    Messages = 1,
    Bulk = 2,
}

/// <summary>Who speaks, and what for.</summary>
internal sealed record Hello(ConnectionKind Kind, string EnvName, RpcAddress Address);

/// <summary>A peer is not what it should be; the message says how.</summary>
internal sealed class HandshakeException(string message, bool otherVersion = false) : SparkException(message)
{
    /// <summary>Whether the peer speaks the protocol in another version; then it is told ours, so that both sides can say who is older.</summary>
    public bool OtherVersion { get; } = otherVersion;
}

/// <summary>
/// The first bytes on a connection, in both directions: magic (8), protocol version (uint16), kind (1), length of the rest (uint16), env name and
/// advertised address. The first thirteen bytes keep their place in all versions.
/// </summary>
internal static class Handshake
{
    public const ushort Version = 1;
    public const int MaxBodyBytes = 4096;
    public const int HeaderBytes = 13;

    private static ReadOnlySpan<byte> Magic => "SPARKISH"u8;

    public static byte[] Encode(Hello hello, ushort version = Version)
    {
        var writer = new ByteWriter();
        writer.WriteRaw(Magic);
        writer.WriteUnmanaged(version);
        writer.WriteByte((byte)hello.Kind);
        writer.WriteUnmanaged((ushort)0);
        writer.WriteString(hello.EnvName);
        writer.WriteString(hello.Address.Host);
        writer.WriteCount(hello.Address.Port);
        var bytes = writer.ToArray();
        if (bytes.Length - HeaderBytes > MaxBodyBytes) throw new SparkException($"The env's name '{hello.EnvName[..32]}…' or its host name is too long for the handshake.");
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(11), (ushort)(bytes.Length - HeaderBytes));
        return bytes;
    }

    public static async Task SendAsync(Socket socket, Hello hello, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = Encode(hello);
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    /// <summary>Reads the peer's half.</summary>
    /// <exception cref="HandshakeException">It is no such peer, or one of another version.</exception>
    public static async Task<Hello> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await FillAsync(socket, header, cancellationToken).ConfigureAwait(false);
        var bodyBytes = CheckHeader(header);
        var body = new byte[bodyBytes];
        await FillAsync(socket, body, cancellationToken).ConfigureAwait(false);
        return Decode(header, body);
    }

    public static int CheckHeader(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith(Magic)) throw new HandshakeException("it does not speak Sparkish's protocol");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != Version)
        {
            var older = version < Version ? "the peer is the older one" : "this node is the older one";
            throw new HandshakeException($"it speaks protocol version {version} and this node {Version}; {older}: run the same release on all nodes", otherVersion: true);
        }

        var bodyBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[11..]);
        return bodyBytes <= MaxBodyBytes ? bodyBytes : throw new HandshakeException($"its handshake is {bodyBytes} bytes long, more than {MaxBodyBytes}");
    }

    public static Hello Decode(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body)
    {
        var kind = (ConnectionKind)header[10];
        if (kind is not (ConnectionKind.Messages or ConnectionKind.Bulk)) throw new HandshakeException($"it wants a connection of the unknown kind {header[10]}");
        try
        {
            var reader = new ByteReader(body);
            return new Hello(kind, reader.ReadString() ?? "", new RpcAddress(reader.ReadString() ?? "", reader.ReadCount(0)));
        }
        catch (SerializationException e)
        {
            throw new HandshakeException($"its handshake cannot be read: {e.Message}");
        }
    }

    private static async Task FillAsync(Socket socket, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var read = await socket.ReceiveAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new HandshakeException("it closed the connection during the handshake");
            bytes = bytes[read..];
        }
    }
}

#pragma warning disable MA0048 // the messages of the handshake are kept beside their layout
using System.Buffers.Binary;
using System.Text;
using Sparkish.Diagnostics;
using Sparkish.Security;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The messages of a handshake.</summary>
internal enum HandshakeStep : byte
{
    Hello = 1,
    Proof = 2,
    Accepted = 3,
    Duplicate = 4,
    Refused = 5,
}

/// <summary>The versions of the protocol that a node speaks.</summary>
internal readonly record struct VersionRange(ushort Newest, ushort Oldest);

/// <summary>A hello as encoded on the wire: the node, a nonce, whether it proves a secret, and the realm of that secret.</summary>
internal sealed record HelloMessage(Hello Hello, ReadOnlyMemory<byte> Nonce, bool Authenticates, string Realm = Realms.None);

/// <summary>
/// The layout of the handshake. Each side opens with a prelude — magic (8), newest supported version (uint16), oldest (uint16) — which has the same layout in
/// all versions. Messages follow: step (1), length (uint16), body. A hello's body may have more fields than are read here: they belong to later versions and
/// are ignored. Only fixed fields are read, so a peer cannot make this node create an object of a type of its choice.
/// </summary>
internal static class HandshakeFormat
{
    public const int PreludeBytes = 12;
    public const int HeaderBytes = 3;
    public const int MaxBodyBytes = 4096;
    public const int NonceBytes = 32;

    private const int MaxNameBytes = 256;
    private const int MaxRoles = 16;
    private const int MaxReasonBytes = 1024;
    private const byte AuthenticatesFlag = 1;

    public static ReadOnlySpan<byte> Magic => "SPARKISH"u8;

    public static byte[] EncodePrelude(VersionRange versions)
    {
        var bytes = new byte[PreludeBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), versions.Newest);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), versions.Oldest);
        return bytes;
    }

    /// <exception cref="HandshakeException">The bytes are not from a valid peer.</exception>
    public static VersionRange DecodePrelude(ReadOnlySpan<byte> prelude)
    {
        if (!prelude.StartsWith(Magic))
            throw new HandshakeException("it does not speak Sparkish's protocol; nodes of one cluster need the same spark.rpc.factory");
        var newest = BinaryPrimitives.ReadUInt16LittleEndian(prelude[8..]);
        // Version 1 had another field in the place of the oldest version.
        return new VersionRange(newest, Math.Min(newest, BinaryPrimitives.ReadUInt16LittleEndian(prelude[10..])));
    }

    /// <summary>Encodes a complete message.</summary>
    public static byte[] Encode(HandshakeStep step, ReadOnlySpan<byte> body = default)
    {
        var bytes = new byte[HeaderBytes + body.Length];
        bytes[0] = (byte)step;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), checked((ushort)body.Length));
        body.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <summary>The number of bytes that follow a header.</summary>
    /// <exception cref="HandshakeException">The message is longer than a handshake needs.</exception>
    public static int BodyBytes(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(header[1..]);
        return length <= MaxBodyBytes ? length : throw new HandshakeException($"its handshake is {length} bytes long, more than {MaxBodyBytes}");
    }

    public static byte[] EncodeHello(HelloMessage message)
    {
        var hello = message.Hello;
        Check(hello);
        var writer = new ByteWriter();
        writer.WriteByte((byte)hello.Kind);
        writer.WriteByte(message.Authenticates ? AuthenticatesFlag : (byte)0);
        writer.WriteRaw(message.Nonce.Span);
        writer.WriteUnmanaged(hello.Incarnation);
        writer.WriteString(hello.EnvName);
        writer.WriteString(hello.Address.Host);
        writer.WriteCount(hello.Address.Port);
        writer.WriteCount(hello.Roles.Count);
        foreach (var role in hello.Roles) writer.WriteString(role);
        writer.WriteString(hello.Dialled?.Host);
        if (hello.Dialled is { } dialled) writer.WriteCount(dialled.Port);
        writer.WriteString(message.Realm); // read from version 4 on
        return Encode(HandshakeStep.Hello, writer.WrittenSpan);
    }

    /// <exception cref="HandshakeException">The hello cannot be read.</exception>
    public static HelloMessage DecodeHello(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new ByteReader(body);
            var kind = (ConnectionKind)reader.ReadByte();
            if (kind is not (ConnectionKind.Messages or ConnectionKind.Bulk))
                throw new HandshakeException($"it wants a connection of the unknown kind {(byte)kind}", tellPeer: true);
            var authenticates = (reader.ReadByte() & AuthenticatesFlag) != 0;
            var nonce = reader.ReadRaw(NonceBytes).ToArray();
            var incarnation = reader.ReadUnmanaged<long>();
            var name = ReadName(ref reader);
            var address = new RpcAddress(ReadName(ref reader), reader.ReadCount(0));
            var roles = new string[reader.ReadCount()];
            if (roles.Length > MaxRoles) throw new HandshakeException($"it has {roles.Length} roles, more than {MaxRoles}");
            for (var i = 0; i < roles.Length; i++) roles[i] = ReadName(ref reader);
            RpcAddress? dialled = reader.ReadString() is { } host ? new RpcAddress(Plain(host), reader.ReadCount(0)) : null;
            var realm = reader.Position < body.Length ? ReadName(ref reader) : Realms.None;
            return new HelloMessage(new Hello(kind, name, address, incarnation, roles, dialled), nonce, authenticates, realm);
        }
        catch (SerializationException e)
        {
            throw new HandshakeException($"its handshake cannot be read: {e.Message}", innerException: e);
        }
    }

    public static byte[] EncodeRefusal(string reason)
    {
        var bytes = Encoding.UTF8.GetBytes(reason);
        return Encode(HandshakeStep.Refused, bytes.AsSpan(0, Math.Min(bytes.Length, MaxReasonBytes)));
    }

    /// <summary>A peer's reason for a refusal. It is logged, so it is shortened to one line.</summary>
    public static string DecodeRefusal(ReadOnlySpan<byte> body)
    {
        return LogText.Escape(Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxReasonBytes)]));
    }

    /// <summary>Names are logged: bounded, and without characters that could start a new line.</summary>
    private static string ReadName(ref ByteReader reader) => Plain(reader.ReadString() ?? "");

    private static string Plain(string name)
    {
        if (name.Length > MaxNameBytes) throw new HandshakeException($"it has a name of {name.Length} characters, more than {MaxNameBytes}");
        return LogText.IsPlain(name) ? name : throw new HandshakeException("it has a name with control characters");
    }

    private static void Check(Hello hello)
    {
        foreach (var name in hello.Roles.Append(hello.EnvName).Append(hello.Address.Host))
        {
            if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes || !LogText.IsPlain(name))
                throw new SparkException(
                    $"The name '{LogText.Shorten(name, 32)}' of an env, of its host or of a role cannot be sent to peers: at most {MaxNameBytes} bytes without control characters are allowed.");
        }

        if (hello.Roles.Count > MaxRoles) throw new SparkException($"An env has at most {MaxRoles} roles, and '{hello.EnvName}' has {hello.Roles.Count}.");
    }
}

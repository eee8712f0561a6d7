using Sparkish.Diagnostics;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>An exception as it crosses the wire: described, never as an object.</summary>
internal readonly record struct RemoteFailure(string Type, string Message, string? Stack)
{
    private const int MaxText = 64 << 10;
    private const int MaxType = 1024;

    public static RemoteFailure From(Exception error) => error is RpcRemoteException remote
        ? new RemoteFailure(remote.RemoteType, Cut(remote.Message)!, Cut(remote.RemoteStackTrace))
        : new RemoteFailure(error.GetType().FullName ?? error.GetType().Name, Cut(ExceptionText.MessageOf(error))!, Cut(ExceptionText.StackTraceOf(error)));

    public void Write(ByteWriter writer)
    {
        writer.WriteString(Type);
        writer.WriteString(Message);
        writer.WriteString(Stack);
    }

    public static RemoteFailure Read(ref ByteReader reader) => new(
        LogText.Shorten(reader.ReadString() ?? "", MaxType), Plain(reader.ReadString())!, Plain(reader.ReadString()));

    public RpcRemoteException ToException() => new(Type, Message, Stack);

    public static void WriteAddress(ByteWriter writer, RpcEndpointAddress address)
    {
        writer.WriteString(address.Address.Host);
        writer.WriteCount(address.Address.Port);
        writer.WriteString(address.Name);
    }

    public static RpcEndpointAddress ReadAddress(ref ByteReader reader, RpcEndpointAddress fallback)
    {
        var host = reader.ReadString();
        var port = reader.ReadCount(0);
        var name = reader.ReadString();
        return host is null || name is null
            ? fallback
            : new RpcEndpointAddress(
                new RpcAddress(LogText.Shorten(host, EndpointNames.MaxHostChars), port), LogText.Shorten(name, EndpointNames.MaxChars));
    }

    /// <summary>The text of a peer, escaped so that it cannot break lines or move the cursor.</summary>
    private static string? Plain(string? text) => text is null ? null : LogText.KeepLines(Cut(text)!);

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] + "…" : text;
}

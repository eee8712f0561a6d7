using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Tests.Security;

/// <summary>Drives both sides of a handshake against each other, without any channel between them.</summary>
internal static class Handshaking
{
    /// <summary>Runs a handshake to its end.</summary>
    /// <returns>The listening side, which has taken the connecting side's proof.</returns>
    /// <exception cref="HandshakeException">A side refuses the other.</exception>
    public static ServerHandshake Run(Credential connecting, Func<string, (Credential?, string?)> listening, string[]? connectingRoles = null,
        string[]? listeningRoles = null, ChannelBinding clientBinding = default, ChannelBinding serverBinding = default)
    {
        var client = new ClientHandshake(NewHello("client", connectingRoles), connecting, clientBinding);
        var server = new ServerHandshake(kind => NewHello("server", listeningRoles) with { Kind = kind }, listening, serverBinding);
        server.TakePrelude(client.Opening.Span[..HandshakeFormat.PreludeBytes]);
        var opening = Steps(client.Opening.Span[HandshakeFormat.PreludeBytes..]).Single();
        var answer = server.TakeHello(client.Opening.Span[..HandshakeFormat.PreludeBytes], opening.Step, opening.Body);
        client.TakePrelude(answer.AsSpan(0, HandshakeFormat.PreludeBytes));
        var steps = Steps(answer.AsSpan(HandshakeFormat.PreludeBytes));
        client.TakeHello(answer.AsSpan(0, HandshakeFormat.PreludeBytes), steps[0].Step, steps[0].Body);
        client.TakeProof(steps[1].Step, steps[1].Body);
        var proof = Steps(client.Proof()).Single();
        server.TakeProof(proof.Step, proof.Body);
        Assert.That(server.Id, Is.EqualTo(client.Id), "both sides know the handshake by the same id");
        return server;
    }

    /// <summary>A listening side that has one credential, whatever realm is named.</summary>
    public static Func<string, (Credential?, string?)> Listening(Credential credential) => _ => (credential, null);

    /// <summary>A credential of some secrets.</summary>
    public static Credential Credential(string realm, params string[] secrets) =>
        new(realm, [.. secrets.Select(static secret => new SharedSecret(System.Text.Encoding.UTF8.GetBytes(secret)))]);

    private static Hello NewHello(string name, string[]? roles) => new(ConnectionKind.Messages, name, new RpcAddress(name, 1), 7, roles ?? []);

    private static List<(HandshakeStep Step, byte[] Body)> Steps(ReadOnlySpan<byte> bytes)
    {
        var steps = new List<(HandshakeStep, byte[])>();
        while (!bytes.IsEmpty)
        {
            var length = HandshakeFormat.BodyBytes(bytes);
            steps.Add(((HandshakeStep)bytes[0], bytes.Slice(HandshakeFormat.HeaderBytes, length).ToArray()));
            bytes = bytes[(HandshakeFormat.HeaderBytes + length)..];
        }

        return steps;
    }
}

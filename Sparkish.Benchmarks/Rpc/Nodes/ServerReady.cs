using System.Text.Json;
using Sparkish.Benchmarks.Rpc.Bare;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>The one line that the server process prints once it listens.</summary>
/// <param name="Env">The port of its env.</param>
/// <param name="Bare">The port of its bare listener.</param>
/// <param name="SecuredEnv">The port of its env with a secret; null without one.</param>
/// <param name="SecuredBare">The port of its bare listener with TLS.</param>
/// <param name="CertificateHash">The hash of that listener's certificate.</param>
internal sealed record ServerReady(int Env, int Bare, int? SecuredEnv, int SecuredBare, string CertificateHash)
{
    public string ToLine() => JsonSerializer.Serialize(this);

    /// <exception cref="SparkException">The process said something else, or nothing.</exception>
    public static ServerReady Parse(string? line)
    {
        try
        {
            if (line is not null && JsonSerializer.Deserialize<ServerReady>(line) is { } ready) return ready;
        }
        catch (JsonException e)
        {
            throw new SparkException($"The server process said '{line}' instead of its ports.", e);
        }

        throw new SparkException("The server process ended before it listened; what it wrote to standard error says why.");
    }

    public BarePeer BarePeer(bool secured) => secured ? new BarePeer(SecuredBare, CertificateHash) : new BarePeer(Bare, null);
}

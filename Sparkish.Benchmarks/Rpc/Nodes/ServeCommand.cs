using System.CommandLine;
using Sparkish.Benchmarks.Rpc.Bare;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>
/// <c>rpc serve</c>, which the benchmark starts as the other process of its pair: reads a line with the secret (empty: none) from standard input,
/// prints a <see cref="ServerReady"/>, and serves until standard input ends, as it does when the benchmark itself ends in any way.
/// </summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create()
    {
        var command = new Command(Name, "Serves the other process of the benchmark until standard input ends.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            try
            {
                await ServeAsync(cancellationToken);
                return 0;
            }
            catch (SparkException e)
            {
                await Console.Error.WriteLineAsync($"rpc serve: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task ServeAsync(CancellationToken cancellationToken)
    {
        var secret = await Console.In.ReadLineAsync(cancellationToken);
        using var body = new BulkBody();
        using var certificate = BareCertificate.Create(TimeProvider.System.GetUtcNow());
        await using var bare = new BareServer(null, body);
        await using var securedBare = new BareServer(certificate, body);
        await using var env = Serve(body, null);
        await using var securedEnv = string.IsNullOrEmpty(secret) ? null : Serve(body, secret);

        var ready = new ServerReady(env.Address.Port, bare.Port, securedEnv?.Address.Port, securedBare.Port, BareCertificate.HashOf(certificate));
        await Console.Out.WriteLineAsync(ready.ToLine().AsMemory(), cancellationToken);
        await Console.In.ReadToEndAsync(cancellationToken);
    }

    private static RpcEnv Serve(BulkBody body, string? secret)
    {
        var env = BenchNode.Create("server", secret);
        env.SetupEndpoint(BenchNode.EchoName, new EchoEndpoint());
        env.SetupEndpoint(BenchNode.CountName, new CountEndpoint());
        env.Bulk.Register(BenchNode.BulkPrefix, new BenchBulkSource(body));
        return env;
    }
}

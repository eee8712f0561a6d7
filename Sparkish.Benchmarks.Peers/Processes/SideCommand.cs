using System.CommandLine;
using System.Text.Json;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Peers.Sides;

namespace Sparkish.Benchmarks.Peers.Processes;

/// <summary>
/// <c>side NAME</c>: one process of a pair. With <c>--server ADDRESS</c> it is the client, which runs each load that a line of standard input names and
/// prints its readings; without, the server, which prints its address. Both end with their standard input.
/// </summary>
internal static class SideCommand
{
    public const string Name = "side";
    public const string ServerOption = "--server";
    public const string CertificateOption = "--certificate";
    public const string Ready = "ready ";
    public const string Readings = "readings ";

    public static Command Create()
    {
        var side = new Argument<string>("side");
        var server = new Option<string?>(ServerOption);
        var certificate = new Option<string?>(CertificateOption);
        var command = new Command(Name, "Runs one process of a side until standard input ends.") { side, server, certificate };
        command.Hidden = true;
        command.SetAction(async (args, cancellationToken) =>
        {
            try
            {
                var peer = PeerSides.Of(args.GetValue(side)!);
                var security = args.GetValue(certificate) is { } directory ? PeerCertificate.Read(directory) : null;
                if (args.GetValue(server) is { } address) await RunClientAsync(peer, address, security, cancellationToken);
                else await RunServerAsync(peer, security, cancellationToken);
                return 0;
            }
            catch (SparkException e)
            {
                await Console.Error.WriteLineAsync($"{args.GetValue(side)}: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task RunServerAsync(PeerSide side, PeerCertificate? security, CancellationToken cancellationToken)
    {
        await using var server = await side.ServeAsync(security);
        Console.WriteLine(Ready + server.Address);
        await Console.In.ReadToEndAsync(cancellationToken);
    }

    private static async Task RunClientAsync(PeerSide side, string address, PeerCertificate? security, CancellationToken cancellationToken)
    {
        await using var client = await side.ConnectAsync(address, security);
        Console.WriteLine(Ready + address);
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            var (load, duration) = PeerLoad.Parse(line);
            Console.WriteLine(Readings + JsonSerializer.Serialize(await client.MeasureAsync(load, duration)));
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Rpc.Loads;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>Orleans: grains of one silo, called by a client in another process. Local calls go to a silo in the client's own process.</summary>
internal sealed class OrleansSide : PeerSide
{
    private const string Cluster = "peers";

    public override string Name => PeerSides.Orleans;

    public override string Title => "Orleans";

    public override bool CanBeSecured => false;

    public override async Task<IPeerServer> ServeAsync(PeerCertificate? certificate)
    {
        var (siloPort, gatewayPort) = FreePorts();
        return new Server(await StartSiloAsync(siloPort, gatewayPort), gatewayPort);
    }

    public override async Task<IPeerClient> ConnectAsync(string address, PeerCertificate? certificate)
    {
        var gatewayPort = int.Parse(address, CultureInfo.InvariantCulture);
        var (siloPort, localGatewayPort) = FreePorts();
        var silo = await StartSiloAsync(siloPort, localGatewayPort);
        var client = new HostBuilder().UseOrleansClient(orleans => orleans.UseLocalhostClustering(gatewayPort, Cluster, Cluster)).Build();
        await client.StartAsync();
        return new Client(client, silo);
    }

    private static async Task<IHost> StartSiloAsync(int siloPort, int gatewayPort)
    {
        var silo = new HostBuilder().UseOrleans(orleans => orleans.UseLocalhostClustering(siloPort, gatewayPort, null, Cluster, Cluster))
            .ConfigureServices(services => services.AddSingleton<TickCounts>()).Build();
        await silo.StartAsync();
        return silo;
    }

    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private static async ValueTask StopAsync(IHost host)
    {
        await host.StopAsync();
        host.Dispose();
    }

    private sealed class Server(IHost silo, int gatewayPort) : IPeerServer
    {
        public string Address => gatewayPort.ToString(CultureInfo.InvariantCulture);

        public ValueTask DisposeAsync() => StopAsync(silo);
    }

    private sealed class Client(IHost client, IHost silo) : IPeerClient
    {
        private readonly IGrainFactory _remote = client.Services.GetRequiredService<IClusterClient>();
        private readonly IGrainFactory _local = silo.Services.GetRequiredService<IGrainFactory>();
        private readonly TickCounts _ticks = silo.Services.GetRequiredService<TickCounts>();
        private long _lastGrain;

        public Task<double[]> MeasureAsync(PeerLoad load, TimeSpan duration) => load.Kind switch
        {
            LoadKind.LocalTell => TellAsync(duration),
            LoadKind.LocalAsk => AskAsync(_local, load.Count, duration),
            LoadKind.OneWay => SendAsync(load.Count, duration),
            _ => AskAsync(_remote, load.Count, duration),
        };

        public async ValueTask DisposeAsync()
        {
            await StopAsync(client);
            await StopAsync(silo);
        }

        private static Task<double[]> AskAsync(IGrainFactory grains, int outstanding, TimeSpan duration) => AskLoad.MeasureAsync<Echo, OrleansPayload>(
            new Echo(grains.GetGrain<IEchoGrain>(0), OrleansPayload.OfBytes(PeerLoad.AskBytes)), outstanding, duration);

        private Task<double[]> SendAsync(int bytes, TimeSpan duration) =>
            OneWayLoad.MeasureAsync(new Counter(new Sending(_remote.GetGrain<ICountGrain>(++_lastGrain), OrleansPayload.OfBytes(bytes))), duration);

        private async Task<double[]> TellAsync(TimeSpan duration)
        {
            var handled = _ticks.Current = new HandledCount();
            return [await CreditedProducer.RunAsync(new GrainSink(_local.GetGrain<ITickGrain>(++_lastGrain)), handled, duration)];
        }
    }

    private readonly struct GrainSink(ITickGrain grain) : IMessageSink
    {
        public void Put(object message) => _ = grain.TakeAsync(new OrleansTick(((Tick)message).Sequence, 1, 2, 3));
    }

    private readonly struct Counter(Sending sending) : ICounter
    {
        public void Send() => sending.Send();

        public Task<long> CountAsync() => sending.CountAsync();
    }

    /// <summary>One measurement with a grain of its own.</summary>
    private sealed class Sending(ICountGrain grain, OrleansPayload message)
    {
        private long _sent;

        public void Send()
        {
            _sent++;
            _ = grain.TakeAsync(message);
        }

        public Task<long> CountAsync() => grain.CountAsync(_sent);
    }

    private readonly struct Echo(IEchoGrain grain, OrleansPayload question) : IEcho<OrleansPayload>
    {
        public ValueTask<OrleansPayload> AskAsync() => new(grain.EchoAsync(question));

        public bool IsEcho(OrleansPayload answer) => answer.Body.Length == question.Body.Length;
    }
}

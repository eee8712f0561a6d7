using Sparkish.Akka;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Rpc.Loads;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>Sparkish's endpoints, on the built-in env or on Akka.NET.</summary>
internal sealed class SparkishSide(bool isOnAkka) : PeerSide
{
    public override string Name => isOnAkka ? PeerSides.SparkishOnAkka : PeerSides.Sparkish;

    public override string Title => isOnAkka ? "Sparkish on Akka.NET" : "Sparkish";

    public override Task<IPeerServer> ServeAsync(PeerCertificate? certificate)
    {
        var env = Start("server", certificate);
        env.SetupEndpoint(BenchNode.EchoName, new EchoEndpoint());
        env.SetupEndpoint(BenchNode.CountName, new CountEndpoint());
        return Task.FromResult<IPeerServer>(new Server(env));
    }

    public override Task<IPeerClient> ConnectAsync(string address, PeerCertificate? certificate) =>
        Task.FromResult<IPeerClient>(new Client(Start("client", certificate), RpcAddress.Parse(address)));

    private RpcEnv Start(string name, PeerCertificate? certificate)
    {
        var conf = new SparkConf(loadDefaults: false);
        certificate?.Set(conf);
        IRpcEnvFactory factory = isOnAkka ? new AkkaRpcEnvFactory() : new NetworkRpcEnvFactory();
        return factory.Create(new RpcEnvOptions(name, conf, BenchMessages.Registry));
    }

    private sealed class Server(RpcEnv env) : IPeerServer
    {
        public string Address => env.Address.ToString();

        public ValueTask DisposeAsync() => env.DisposeAsync();
    }

    private sealed class Client(RpcEnv env, RpcAddress server) : IPeerClient
    {
        private readonly RpcEndpointRef _local = env.SetupEndpoint(BenchNode.EchoName, new EchoEndpoint());
        private readonly RpcEndpointRef _echo = env.RefTo(new RpcEndpointAddress(server, BenchNode.EchoName));
        private readonly RpcEndpointRef _count = env.RefTo(new RpcEndpointAddress(server, BenchNode.CountName));

        public Task<double[]> MeasureAsync(PeerLoad load, TimeSpan duration) => load.Kind switch
        {
            LoadKind.LocalTell => TellLoad.MeasureAsync(env, duration),
            LoadKind.LocalAsk => AskLoad.MeasureAsync(_local, load.Count, PeerLoad.AskBytes, duration),
            LoadKind.OneWay => OneWayLoad.MeasureAsync(_count, load.Count, duration),
            _ => AskLoad.MeasureAsync(_echo, load.Count, PeerLoad.AskBytes, duration),
        };

        public ValueTask DisposeAsync() => env.DisposeAsync();
    }
}

using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using Sparkish.Benchmarks.Peers.Comparing;
using Sparkish.Benchmarks.Rpc.Loads;
using Sparkish.Benchmarks.Rpc.Nodes;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>Akka.NET by itself: actors and Akka.Remote, with messages of bytes, or of records that Hyperion serializes.</summary>
internal sealed class AkkaSide(bool usesHyperion) : PeerSide
{
    private const string EchoName = "echo";
    private const string CountName = "count";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override string Name => usesHyperion ? PeerSides.AkkaHyperion : PeerSides.AkkaBytes;

    public override string Title => usesHyperion ? "Akka.Remote, Hyperion" : "Akka.Remote, byte[]";

    // Within a process nothing is serialized.
    public override bool Has(PeerLoad load) => usesHyperion || load.IsRemote;

    public override Task<IPeerServer> ServeAsync(PeerCertificate? certificate)
    {
        var system = Start("server", certificate);
        system.ActorOf(Props.Create(() => new EchoActor()), EchoName);
        system.ActorOf(Props.Create(() => new CountActor()), CountName);
        return Task.FromResult<IPeerServer>(new Server(system));
    }

    public override async Task<IPeerClient> ConnectAsync(string address, PeerCertificate? certificate)
    {
        var system = Start("client", certificate);
        var echo = await system.ActorSelection($"{address}/user/{EchoName}").ResolveOne(Patience);
        var count = await system.ActorSelection($"{address}/user/{CountName}").ResolveOne(Patience);
        return new Client(system, echo, count, usesHyperion);
    }

    private ActorSystem Start(string name, PeerCertificate? certificate)
    {
        // The scheduler's interval is that of Sparkish's own actor systems: an idle side should not slow down the one that runs.
        var config = ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = WARNING
              scheduler.tick-duration = 100ms
              actor.provider = remote
              remote.dot-netty.tcp {
                hostname = 127.0.0.1
                port = 0
                enable-ssl = {{(certificate is null ? "false" : "true")}}
              }
            }
            """);
        if (usesHyperion)
        {
            config = ConfigurationFactory.ParseString("""
                akka.actor {
                  serializers.hyperion = "Akka.Serialization.HyperionSerializer, Akka.Serialization.Hyperion"
                  serialization-bindings."System.Object" = hyperion
                }
                """).WithFallback(config);
        }

        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config));
        return ActorSystem.Create(name, certificate is null ? setup : setup.And(TlsOf(certificate)));
    }

    private static DotNettySslSetup TlsOf(PeerCertificate own) => new(own.Certificate, suppressValidation: false, requireMutualAuthentication: true,
        (certificate, _, _, _, _) => certificate is not null && certificate.GetRawCertData().AsSpan().SequenceEqual(own.Certificate.RawData));

    private sealed class Server(ActorSystem system) : IPeerServer
    {
        public string Address => ((ExtendedActorSystem)system).Provider.DefaultAddress.ToString();

        public async ValueTask DisposeAsync() => await system.Terminate();
    }

    private sealed class Client(ActorSystem system, IActorRef echo, IActorRef count, bool usesHyperion) : IPeerClient
    {
        private readonly IActorRef _local = system.ActorOf(Props.Create(() => new EchoActor()));

        public Task<double[]> MeasureAsync(PeerLoad load, TimeSpan duration) => (load.Kind, usesHyperion) switch
        {
            (LoadKind.LocalTell, _) => TellAsync(duration),
            (LoadKind.LocalAsk, _) => AskRecordsAsync(_local, load.Count, duration),
            (LoadKind.OneWay, true) => OneWayLoad.MeasureAsync(new Counter(count, Payload.OfBytes(load.Count)), duration),
            (LoadKind.OneWay, _) => OneWayLoad.MeasureAsync(new Counter(count, new byte[load.Count]), duration),
            (_, true) => AskRecordsAsync(echo, load.Count, duration),
            _ => AskLoad.MeasureAsync<BytesEcho, byte[]>(new BytesEcho(echo, new byte[PeerLoad.AskBytes]), load.Count, duration),
        };

        public async ValueTask DisposeAsync() => await system.Terminate();

        private static Task<double[]> AskRecordsAsync(IActorRef echo, int outstanding, TimeSpan duration) =>
            AskLoad.MeasureAsync<RecordEcho, Payload>(new RecordEcho(echo, Payload.OfBytes(PeerLoad.AskBytes)), outstanding, duration);

        private async Task<double[]> TellAsync(TimeSpan duration)
        {
            var handled = new HandledCount();
            var receiver = system.ActorOf(Props.Create(() => new TickActor(handled)));
            var rate = await CreditedProducer.RunAsync(new ActorSink(receiver), handled, duration);
            system.Stop(receiver);
            return [rate];
        }
    }

    private readonly struct ActorSink(IActorRef receiver) : IMessageSink
    {
        public void Put(object message) => receiver.Tell(message, ActorRefs.NoSender);
    }

    private readonly struct Counter(IActorRef receiver, object message) : ICounter
    {
        public void Send() => receiver.Tell(message, ActorRefs.NoSender);

        public Task<long> CountAsync() => receiver.Ask<long>(CountName);
    }

    private readonly struct RecordEcho(IActorRef receiver, Payload question) : IEcho<Payload>
    {
        public ValueTask<Payload> AskAsync() => new(receiver.Ask<Payload>(question));

        public bool IsEcho(Payload answer) => answer.Body.Length == question.Body.Length;
    }

    private readonly struct BytesEcho(IActorRef receiver, byte[] question) : IEcho<byte[]>
    {
        public ValueTask<byte[]> AskAsync() => new(receiver.Ask<byte[]>(question));

        public bool IsEcho(byte[] answer) => answer.Length == question.Length;
    }

    private sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class CountActor : UntypedActor
    {
        private long _count;

        protected override void OnReceive(object message)
        {
            if (message is string) Sender.Tell(_count);
            else _count++;
        }
    }

    private sealed class TickActor(HandledCount handled) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Tick) handled.Handled();
            else Unhandled(message);
        }
    }
}

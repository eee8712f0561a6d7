using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;
using Sparkish.TestKit.NUnit;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Simulation.Transport;

/// <summary>The transport that ships, on simulated wires, under many seeds: what a seed finds, that seed repeats.</summary>
internal sealed class TransportSeedsTests
{
    private const string Name = "talker";

    private static readonly SimulationOptions Options = new() { Messages = new MessageRegistry().Add<Note>(100).Add<Blob>(101), Conf = Conf() };

    /// <summary>How many seeds each build runs; <c>SPARKISH_SEEDS=10000</c> runs that many.</summary>
    private static int Count => RequestedSeeds.Or(300);

    [Test]
    public void Nodes_that_dial_each_other_at_once_share_one_connection_and_lose_nothing() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var nodes = new[] { "a", "b", "c" }.Select(name => Talking(cluster, name)).ToList();
        var pairs = nodes.SelectMany(from => nodes.Where(to => to != from).Select(to => (From: from, To: to.Address))).ToList();

        foreach (var (from, to) in pairs)
        {
            for (var i = 0; i < 10; i++) cluster.Schedule(TimeSpan.FromMicroseconds(random.Next(4000)), () => from.Talker.Send(to));
            for (var i = 0; i < 3; i++) cluster.Schedule(TimeSpan.FromMicroseconds(random.Next(4000)), () => from.Talker.Ask(to));
        }

        cluster.RunFor(TimeSpan.FromSeconds(8));

        foreach (var node in nodes)
        {
            var talker = node.Talker;
            cluster.Check((talker.Received, talker.Answered, talker.Failed, talker.Asking) == (20, 6, 0, 0),
                $"{node.Address} got {talker.Received} notes and {talker.Answered} answers; {talker.Failed} asks failed and {talker.Asking} wait.");
            cluster.Check((talker.Connects, talker.Disconnects) == (2, 0),
                $"{node.Address} was told of {talker.Connects} connections and {talker.Disconnects} ends.");
        }

        cluster.RunFor(TimeSpan.Zero);
    }, Options);

    [Test]
    public void Nodes_with_two_names_that_dial_each_other_under_both_lose_nothing() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var nodes = new[] { "a", "b" }.Select(name => Talking(cluster, name, advertised: $"{name}-advertised")).ToList();
        var routes = nodes.SelectMany(from => nodes.Where(to => to != from)
            .SelectMany(to => new[] { to.Address, Named(to.Address, to.Machine.Name) }).Select(to => (From: from, To: to))).ToList();

        foreach (var (from, to) in routes)
        {
            for (var i = 0; i < 6; i++) cluster.Schedule(TimeSpan.FromMicroseconds(random.Next(4000)), () => from.Talker.Send(to));
            for (var i = 0; i < 3; i++) cluster.Schedule(TimeSpan.FromMicroseconds(random.Next(4000)), () => from.Talker.Ask(to));
        }

        cluster.RunFor(TimeSpan.FromSeconds(8));

        foreach (var node in nodes)
        {
            var talker = node.Talker;
            cluster.Check((talker.Received, talker.Answered, talker.Failed, talker.Asking) == (12, 6, 0, 0),
                $"{node.Address} got {talker.Received} notes and {talker.Answered} answers; {talker.Failed} asks failed and {talker.Asking} wait.");
        }

        cluster.RunFor(TimeSpan.Zero);
    }, Options);

    [Test]
    public void A_node_that_returns_at_its_address_is_told_of_what_it_watches_and_its_predecessor_disturbs_nothing() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var hospital = Talking(cluster, "hospital");
        var patient = new RpcEndpointAddress(hospital.Address.Address, "patient");
        hospital.Machine.Env.SetupEndpoint("patient", new Talker(cluster, "patient"));
        var told = new List<TerminationCause>();
        var ward = cluster.AddNode("ward", (SimulatedNode node) =>
        {
            told = [];
            var seen = told;
            NewEnv(node).SetupEndpoint("nurse", new Nurse(patient, seen.Add));
        });

        for (var restart = random.Next(1, 4); restart > 0; restart--)
        {
            cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(60)));
            if (random.Next(2) == 0) ward.Crash();
            else ward.LoseMachine();
            cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(20)));
            ward.Start();
        }

        cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(3000)));
        hospital.Machine.Env.Stop(hospital.Machine.Env.RefTo(patient));
        cluster.RunFor(TimeSpan.FromSeconds(20));

        cluster.Check(told is [TerminationCause.Stopped or TerminationCause.NotFound], $"The nurse was told '{string.Join(", ", told)}'.");
        cluster.RunFor(TimeSpan.Zero);
    }, Options);

    [Test]
    public void Half_open_links_are_found_and_replaced_and_every_ask_ends() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var (a, b) = (Talking(cluster, "a"), Talking(cluster, "b"));
        Chatter(cluster, random, [a, b], TimeSpan.FromSeconds(12));
        for (var cuts = random.Next(1, 4); cuts > 0; cuts--)
        {
            cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(2000)));
            if (random.Next(2) == 0) cluster.CutOneWay(a.Machine, b.Machine);
            else cluster.CutOneWay(b.Machine, a.Machine);
            cluster.RunFor(TimeSpan.FromMilliseconds(random.Next(6000)));
            cluster.Heal(a.Machine, b.Machine);
        }

        CheckThatAllIsWell(cluster, [a, b]);
    }, Options);

    [Test]
    public void A_listener_full_of_strangers_that_are_silent_or_stop_halfway_serves_peers() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var crowded = Conf().Set("spark.rpc.io.maxHandshakes", "2");
        var server = Talking(cluster, "server", conf: crowded);
        server.Machine.ListenBacklog = 2;
        var stranger = cluster.AddNode("stranger", (SimulatedNode _) => { });
        var client = Talking(cluster, "client");
        var until = cluster.Now + TimeSpan.FromSeconds(3);
        Knock();
        Chatter(cluster, random, [server, client], TimeSpan.FromSeconds(6));

        CheckThatAllIsWell(cluster, [server, client]);

        void Knock()
        {
            if (cluster.Now > until) return;
            _ = KnockAsync(isSilent: random.Next(2) == 0);
            cluster.Schedule(TimeSpan.FromMilliseconds(random.Next(1, 300)), Knock);
        }

        async Task KnockAsync(bool isSilent)
        {
            var (channel, _, _) = await new SimulatedDialler(stranger.Process!).OpenAsync(server.Address.Address, default);
            if (!isSilent) await channel.SendAsync(ScriptedPeer.Prelude());
        }
    }, Options);

    [Test]
    public void Under_all_faults_order_holds_every_ask_ends_and_nodes_find_each_other_again() => SimulatedSeeds.Run(Count, cluster =>
    {
        var random = cluster.NewRandom("test");
        var talkers = new List<(SimulatedNode Node, Talker Talker)>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            cluster.AddNode(name, (SimulatedNode node) =>
            {
                var talker = new Talker(cluster, $"{name}.{node.Starts}");
                NewEnv(node).SetupEndpoint(Name, talker);
                talkers.RemoveAll(entry => entry.Node == node);
                talkers.Add((node, talker));
            });
        }

        for (var i = 0; i < 300; i++)
        {
            cluster.Schedule(TimeSpan.FromMilliseconds(random.Next(6000)), () =>
            {
                var (node, talker) = talkers[random.Next(talkers.Count)];
                if (!node.IsRunning || node.IsPaused) return;
                var to = new RpcEndpointAddress(new RpcAddress("abc"[random.Next(3)].ToString(), 7077), Name);
                if (to.Address.Host == node.Name) return;
                if (random.Next(3) == 0) talker.Ask(to);
                else talker.Send(to);
            });
        }

        var chaos = cluster.StartChaos(new ChaosOptions { MeanPause = TimeSpan.FromMilliseconds(300), MaxDuration = TimeSpan.FromSeconds(3) });
        cluster.RunFor(TimeSpan.FromSeconds(6));
        chaos.Dispose();
        cluster.RunFor(TimeSpan.FromSeconds(1));

        CheckThatAllIsWell(cluster, [.. talkers.Select(entry => new Node(entry.Node, new RpcEndpointAddress(entry.Node.Env.Address, Name), entry.Talker))]);
    }, Options);

    [Test]
    public void Messages_and_blobs_of_any_size_arrive_whole_and_in_order_whatever_the_bounds_are() => SimulatedSeeds.Run(Count / 3, cluster =>
    {
        var random = cluster.NewRandom("test");
        var narrow = Conf().Set("spark.rpc.backlog.maxBytes", $"{random.Next(1, 64)}k")
            .Set("spark.rpc.buffers.maxBytes", $"{random.Next(64, 2048)}k").Set("spark.rpc.outbox.maxBytes", "100m");
        var (server, client) = (Talking(cluster, "server", conf: narrow), Talking(cluster, "client"));
        server.Machine.MessageCost = TimeSpan.FromMilliseconds(random.Next(3));
        var taker = new Taker(cluster);
        server.Machine.Env.SetupEndpoint("taker", taker);
        var to = client.Machine.Env.RefTo(new RpcEndpointAddress(server.Address.Address, "taker"));
        var sizes = Enumerable.Range(0, 60).Select(_ => random.Next(1 << random.Next(1, 20))).ToList();

        foreach (var size in sizes) to.Send(new Blob(new byte[size]));
        cluster.RunUntil(() => taker.Sizes.Count == sizes.Count, TimeSpan.FromMinutes(1));

        cluster.Check(taker.Sizes.SequenceEqual(sizes), $"The blobs came as {string.Join(", ", taker.Sizes)}.");
        cluster.RunFor(TimeSpan.Zero);
    }, Options);

    /// <summary>Lets talkers talk now and then for a while.</summary>
    private static void Chatter(SimulatedCluster cluster, Random random, IReadOnlyList<Node> nodes, TimeSpan time)
    {
        for (var i = 0; i < 60; i++)
        {
            var from = nodes[random.Next(nodes.Count)];
            var to = nodes[(nodes.ToList().IndexOf(from) + 1) % nodes.Count].Address;
            var isAsk = random.Next(2) == 0;
            cluster.Schedule(time * random.NextDouble(), () =>
            {
                if (isAsk) from.Talker.Ask(to);
                else from.Talker.Send(to);
            });
        }
    }

    /// <summary>Without faults every ask ends in time, and a fresh one from each node to each other is answered.</summary>
    private static void CheckThatAllIsWell(SimulatedCluster cluster, IReadOnlyList<Node> nodes)
    {
        cluster.RunUntil(() => nodes.All(node => node.Talker.Asking == 0), TimeSpan.FromSeconds(30));
        foreach (var from in nodes)
        {
            foreach (var to in nodes.Where(to => to.Machine != from.Machine))
            {
                var before = from.Talker.Answered;
                cluster.RunUntil(() =>
                {
                    if (from.Talker.Asking == 0 && from.Talker.Answered == before) from.Talker.Ask(to.Address);
                    return from.Talker.Answered > before;
                }, TimeSpan.FromSeconds(30));
            }
        }
    }

    private static Node Talking(SimulatedCluster cluster, string name, string? advertised = null, SparkConf? conf = null)
    {
        Talker talker = null!;
        RpcEnv env = null!;
        var node = cluster.AddNode(name, (SimulatedNode node) =>
        {
            env = node.EnvFactory.Create(new RpcEnvOptions(name, conf ?? Options.Conf, Options.Messages) { AdvertisedHost = advertised });
            talker = new Talker(cluster, $"{name}.{node.Starts}", hasOtherNames: advertised is not null);
            env.SetupEndpoint(Name, talker);
        });
        return new Node(node, new RpcEndpointAddress(env.Address, Name), talker);
    }

    private static RpcEndpointAddress Named(RpcEndpointAddress address, string host) => address with { Address = address.Address with { Host = host } };

    private static RpcEnv NewEnv(SimulatedNode node) => node.EnvFactory.Create(new RpcEnvOptions(node.Name, Options.Conf, Options.Messages));

    private static SparkConf Conf() => new SparkConf(false)
        .Set("spark.rpc.askTimeout", "5s").Set("spark.rpc.io.connectionTimeout", "1s")
            .Set("spark.rpc.io.keepAliveInterval", "500ms").Set("spark.rpc.io.keepAliveTimeout", "2s");

    private sealed record Node(SimulatedNode Machine, RpcEndpointAddress Address, Talker Talker);

    private sealed class Nurse(RpcEndpointAddress patient, Action<TerminationCause> report) : RpcEndpoint
    {
        public override void OnStart() => Watch(Env.RefTo(patient));

        public override void Receive(object message) => report(((EndpointTerminated)message).Cause);
    }

    private sealed class Taker(SimulatedCluster cluster) : RpcEndpoint
    {
        public List<int> Sizes { get; } = [];

        public override void Receive(object message)
        {
            Sizes.Add(((Blob)message).Bytes.Length);
            cluster.Note($"took {Sizes[^1]}");
        }
    }
}

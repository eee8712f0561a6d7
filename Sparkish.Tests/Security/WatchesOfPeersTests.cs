using System.Threading.Channels;
using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>What a peer may ask of a node's watcher: to watch for itself alone, and no more than the node has endpoints to watch.</summary>
internal sealed class WatchesOfPeersTests
{
    [Test]
    public async Task A_peer_cannot_watch_for_another_env_or_for_an_endpoint_of_its_own([Values] bool another)
    {
        await using var server = Envs.New("server");
        var watched = server.SetupEndpoint("watched", new TestEndpoint());
        await using var peer = Envs.New("peer");
        var foreign = another ? WatcherOf(new RpcAddress("127.0.0.1", 1), peer) : peer.SetupEndpoint("mine", new TestEndpoint());

        Assert.That(() => AskToWatchAsync(peer, server, watched.From(peer), foreign), Throws.TypeOf<RpcRemoteException>()
            .With.Message.Contains($"{foreign} does not belong to {peer.Address}"));
    }

    [Test]
    public async Task A_peer_cannot_end_the_watch_of_another_env()
    {
        await using var server = Envs.New("server");
        var watched = server.SetupEndpoint("watched", new TestEndpoint());
        await using var watching = Envs.New("watching");
        var watcher = new WatchingEndpoint(watched.From(watching));
        watching.SetupEndpoint("watching", watcher);
        await AskToWatchAsync(watching, server, watched.From(watching), WatcherOf(watching.Address, watching)); // it has been taken note of
        await using var hostile = Envs.New("hostile");

        WatcherOf(server.Address, hostile).Send(new UnwatchEndpoint(watched.From(hostile), WatcherOf(watching.Address, hostile)));
        await AskToWatchAsync(hostile, server, watched.From(hostile), WatcherOf(hostile.Address, hostile)); // so that the message before was handled
        server.Stop(watched);

        Assert.That((await watcher.Ends.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience)).Cause, Is.EqualTo(TerminationCause.Stopped));
    }

    [Test]
    public async Task An_endpoint_is_watched_under_a_bounded_number_of_names_over_one_connection()
    {
        await using var server = Envs.New("server");
        server.SetupEndpoint("watched", new TestEndpoint());
        await using var peer = Envs.New("peer");
        var own = WatcherOf(peer.Address, peer);
        RpcEndpointRef Named(int number) => peer.RefTo(new RpcEndpointAddress(new RpcAddress($"host{number}", 1), "watched"));

        for (var number = 0; number < 32; number++) await AskToWatchAsync(peer, server, Named(number), own);

        Assert.That(() => AskToWatchAsync(peer, server, Named(32), own),
            Throws.TypeOf<RpcRemoteException>().With.Message.Contains("is already watched over this connection under 32 names"));
        await AskToWatchAsync(peer, server, Named(0), own); // which stands already
    }

    private static RpcEndpointRef WatcherOf(RpcAddress address, RpcEnv env) => env.RefTo(new RpcEndpointAddress(address, EndpointWatcher.EndpointName));

    private static async Task AskToWatchAsync(RpcEnv from, RpcEnv to, RpcEndpointRef endpoint, RpcEndpointRef watcher) =>
        await WatcherOf(to.Address, from).AskAsync<OverConnection>(new WatchEndpoint(endpoint, watcher)).AsTask().WaitAsync(Envs.Patience);

    private sealed class WatchingEndpoint(RpcEndpointRef watched) : RpcEndpoint
    {
        public Channel<EndpointTerminated> Ends { get; } = Channel.CreateUnbounded<EndpointTerminated>();

        public override void OnStart() => Watch(watched);

        public override void Receive(object message) => Ends.Writer.TryWrite((EndpointTerminated)message);
    }
}

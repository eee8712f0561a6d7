using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Persistence.Leaders;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Persistence;

/// <summary>A counter that lives on the node that leads, and a ref that finds it.</summary>
internal sealed class LeaderSingletonTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly MessageRegistry Messages = new MessageRegistry().Add<Count>(1001);

    private readonly List<RpcEnv> _envs = [];
    private EventSourcingStore _store = null!;
    private OneAtATime _seats = null!;

    [SetUp]
    public void Prepare() => (_store, _seats) = (new EventSourcingStore(), new OneAtATime());

    [TearDown]
    public async Task StopEnvs()
    {
        foreach (var env in _envs) await env.DisposeAsync();
        _envs.Clear();
        await _store.DisposeAsync();
        _seats.Dispose();
    }

    [Test]
    public async Task A_ref_follows_the_leader_and_the_state_with_it()
    {
        var (first, second, asker) = (NewEnv("first"), NewEnv("second"), NewEnv("asker"));
        var singletons = new Dictionary<RpcEnv, LeaderSingleton> { [first] = Start(first), [second] = Start(second) };
        var counter = new LeaderRef(asker, "counter", () => [first.Address, second.Address]);

        var one = await counter.AskAsync<long>(new Count(1), Patience);
        var leader = (await counter.ResolveAsync(Patience)).Address;
        await singletons[first.Address == leader ? first : second].DisposeAsync();
        var two = await counter.AskAsync<long>(new Count(1), Patience);
        var next = (await counter.ResolveAsync(Patience)).Address;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((one, two), Is.EqualTo((1L, 2L)));
            Assert.That(next, Is.Not.EqualTo(leader));
            Assert.That(_seats.Terms, Is.EqualTo(2));
            Assert.That(singletons.Values.Select(singleton => singleton.IsLeading), Is.EquivalentTo(new[] { true, false }));
        }

        foreach (var singleton in singletons.Values) await singleton.DisposeAsync();
    }

    [Test]
    public async Task The_endpoint_stops_when_its_term_ends_and_another_node_goes_on()
    {
        var (first, second) = (NewEnv("first"), NewEnv("second"));
        await using var one = Start(first);
        await using var two = Start(second);
        var counter = new LeaderRef(second, "counter", () => [first.Address, second.Address]);
        await counter.AskAsync<long>(new Count(5), Patience);

        _seats.EndTerm();
        var value = await counter.AskAsync<long>(new Count(1), Patience);

        Assert.That(value, Is.EqualTo(6));
        Assert.That(_seats.Terms, Is.EqualTo(2));
    }

    [Test]
    public async Task Without_a_leader_an_ask_waits_and_says_so_in_the_end()
    {
        var (first, asker) = (NewEnv("first"), NewEnv("asker"));
        var counter = new LeaderRef(asker, "counter", () => [first.Address]);

        Assert.That(async () => await counter.AskAsync<long>(new Count(1), TimeSpan.FromMilliseconds(200)),
            Throws.TypeOf<RpcTimeoutException>().With.Message.StartsWith("No leader has offered the endpoint 'counter' for "));

        await using var singleton = Start(first);
        Assert.That(await counter.AskAsync<long>(new Count(1), Patience), Is.EqualTo(1));
    }

    [Test]
    public async Task Events_behind_a_snapshot_are_kept_and_read_as_what_they_are()
    {
        var env = NewEnv("env");
        var options = EventSourcingCounter.Options(_store) with { SnapshotEvery = 10, RetainedEvents = 15 };
        var counter = env.SetupEndpoint("counter", new EventSourcingCounter(options));
        for (var i = 1; i <= 40; i++) await counter.AskAsync<long>(new Increment(i, $"client {i}"));
        await _store.UntilAsync(store => store.Snapshot(EventSourcingCounter.Journal) is { Sequence: >= 20 } snapshot
            && store.Entries(EventSourcingCounter.Journal)[0].Sequence == snapshot.Sequence - 14);

        await using var reader = await _store.OpenReaderAsync(EventSourcingCounter.Journal);
        var all = await EventSourcingCounter.Events.ReadAsync(reader).ToListAsync();
        var last = await EventSourcingCounter.Events.ReadAsync(reader, afterSequence: 38).ToListAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(all, Has.Count.GreaterThanOrEqualTo(15));
            Assert.That(all[^1].Sequence, Is.EqualTo(40));
            Assert.That(all.Select(read => read.Event), Is.EqualTo(all.Select(read => new Incremented((int)read.Sequence, $"client {read.Sequence}"))));
            Assert.That(last.Select(read => read.Event), Is.EqualTo(new[] { new Incremented(39, "client 39"), new Incremented(40, "client 40") }));
        }
    }

    private LeaderSingleton Start(RpcEnv env) => LeaderSingleton.Start(env, "counter", _seats.NewElection(), term => new SharedCounter(_store, term.Epoch));

    private RpcEnv NewEnv(string name)
    {
        var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions(name, new SparkConf(false), Messages));
        _envs.Add(env);
        return env;
    }

    public sealed record Count(int By);

    public sealed record Counted(int By);

    private sealed class SharedCounter(IJournalStore store, long? epoch)
        : EventSourcedEndpoint<long, Counted>(new(store, "shared", new EventSchema<Counted>().Add<Counted>(1)) { Epoch = epoch })
    {
        protected override long InitialState => 0;

        protected override long Apply(long state, Counted @event) => state + @event.By;

        protected override Effect<long, Counted> HandleAndReply(long state, object command, RpcCallContext call) => command is Count c
            ? Persist(new Counted(c.By)).ThenReply(call, after => after)
            : base.HandleAndReply(state, command, call);
    }

    /// <summary>An election in one process: one term at a time.</summary>
    private sealed class OneAtATime : IDisposable
    {
        private readonly SemaphoreSlim _seat = new(1);
        private Term? _current;
        private int _terms;

        public int Terms => _terms;

        public ILeaderElection NewElection() => new Election(this);

        public void EndTerm() => _current!.End();

        public void Dispose() => _seat.Dispose();

        private sealed class Election(OneAtATime seats) : ILeaderElection
        {
            public async Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
            {
                await seats._seat.WaitAsync(cancellationToken);
                return seats._current = new Term(seats, Interlocked.Increment(ref seats._terms));
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }

        private sealed class Term(OneAtATime seats, long epoch) : ILeaderTerm
        {
            private readonly CancellationTokenSource _ended = new();
            private int _left;

            public long? Epoch => epoch;

            public bool IsCurrent => !_ended.IsCancellationRequested;

            public CancellationToken Ended => _ended.Token;

            public void End() => _ended.Cancel();

            public async ValueTask DisposeAsync()
            {
                await _ended.CancelAsync();
                if (Interlocked.Exchange(ref _left, 1) == 0) seats._seat.Release();
            }
        }
    }
}

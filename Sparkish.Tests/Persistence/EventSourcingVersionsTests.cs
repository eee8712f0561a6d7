using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>That journals are read by later versions of the types that they were written with.</summary>
internal sealed class EventSourcingVersionsTests
{
    private EventSourcingStore _store = null!;
    private RpcEnv _env = null!;

    [SetUp]
    public void NewEnv() => (_store, _env) = (new EventSourcingStore(), Envs.New());

    [TearDown]
    public async Task StopEnv() => await _env.DisposeAsync();

    [Test]
    public async Task Events_of_an_earlier_version_are_read_by_the_names_of_their_members()
    {
        await WriteBeforeAsync(snapshotEvery: 0);

        var state = await AskAsync<ShopNow.Turnover>(_env.SetupEndpoint("now", Shops.Now(_store)), "state");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((state.Orders, state.Sum), Is.EqualTo((2L, 5m)), "the price is the default");
            Assert.That(state.Counts, Is.EquivalentTo(new Dictionary<string, long> { ["tea"] = 2, ["milk"] = 3 }));
        }
    }

    [Test]
    public async Task A_snapshot_of_an_earlier_version_is_read_and_so_are_the_events_behind_it()
    {
        await WriteBeforeAsync(snapshotEvery: 2);

        var now = _env.SetupEndpoint("now", Shops.Now(_store));
        var state = await AskAsync<ShopNow.Turnover>(now, "state");
        var after = await AskAsync<ShopNow.Turnover>(now, new ShopNow.OrderPlaced("tea", 1, 2m));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((state.Orders, state.Sum), Is.EqualTo((2L, 103m)), "the sum of the snapshot is the default, the event's price, too");
            Assert.That((after.Counts["tea"], after.Sum), Is.EqualTo((3L, 105m)));
        }
    }

    [Test]
    public async Task Both_versions_of_a_type_may_be_in_one_journal()
    {
        await WriteBeforeAsync(snapshotEvery: 0);
        var now = _env.SetupEndpoint("now", Shops.Now(_store));
        await AskAsync<ShopNow.Turnover>(now, new ShopNow.OrderPlaced("tea", 1, 2m));
        await AskAsync<ShopNow.Turnover>(now, new ShopNow.OrderPlaced("tea", 1, 2m));
        await StopAsync(now);

        var again = await AskAsync<ShopNow.Turnover>(_env.SetupEndpoint("again", Shops.Now(_store)), "state");

        Assert.That((again.Counts["tea"], again.Sum), Is.EqualTo((4L, 9m)));
    }

    [Test]
    public async Task A_definition_is_written_once_before_its_first_use()
    {
        var shop = _env.SetupEndpoint("before", Shops.Before(_store));
        for (var i = 0; i < 3; i++) await AskAsync<ShopBefore.Sales>(shop, new ShopBefore.Ordered("tea", 1));

        var sizes = _store.Entries(Shops.Journal).Select(entry => entry.Payload.Length).ToArray();

        Assert.That(sizes, Is.EqualTo(new[] { sizes[1] + "Ordered".Length + "(Item: string, Count: int)".Length + 2, sizes[1], sizes[1] }));
    }

    [Test]
    public async Task An_event_whose_number_is_not_known_stops_the_endpoint_with_its_name()
    {
        await WriteBeforeAsync(snapshotEvery: 0);
        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var now = _env.SetupEndpoint("now", Shops.Now(_store, new EventSchema<ShopNow.Event>().Add<ShopNow.OrderPlaced>(1)));
        await opening.Begun;
        var state = AskAsync<ShopNow.Turnover>(now, "state");
        opening.Release();

        Assert.That(async () => await state, Throws.TypeOf<JournalReplayException>()
            .With.Message.StartsWith("Event 2 (Counted) of journal 'shop'").And.Message.Contains("EventSchema"));
    }

    [Test]
    public async Task A_member_that_cannot_become_what_it_is_now_stops_the_endpoint_with_its_name()
    {
        await WriteBeforeAsync(snapshotEvery: 0);
        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var now = _env.SetupEndpoint(
            "now", new Shop<int, Wrong>(new(_store, Shops.Journal, new EventSchema<Wrong>().Add<Wrong>(1).Retire(2)), 0, static (state, _) => state));
        await opening.Begun;
        var state = AskAsync<int>(now, "state");
        opening.Release();

        Assert.That(async () => await state, Throws.TypeOf<JournalReplayException>()
            .With.Message.StartsWith("Event 1 (Ordered) of journal 'shop'").And.Message.Contains("Ordered.Count was stored as int and is now Guid"));
    }

    [Test]
    public void A_number_or_a_type_is_taken_once()
    {
        var events = new EventSchema<object>().Add<string>(1).Retire(2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => events.Add<int>(1), Throws.ArgumentException.With.Message.StartsWith("Event number 1 is taken."));
            Assert.That(() => events.Add<int>(2), Throws.ArgumentException.With.Message.StartsWith("Event number 2 is taken."));
            Assert.That(() => events.Add<string>(3), Throws.ArgumentException.With.Message.StartsWith("string already has a number."));
            Assert.That(() => events.Add<int>(0), Throws.InstanceOf<ArgumentException>());
        }
    }

    [Test]
    public void A_type_with_a_part_that_may_be_anything_is_refused() => Assert.That(
        () => new EventSchema<object>().Add<WithAnything>(1),
        Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("WithAnything.Parts[].Value: System.Object "));

    [Test]
    public async Task A_value_of_a_derived_type_is_refused_before_it_is_stored()
    {
        var shop = _env.SetupEndpoint(
            "open", new Shop<int, WithOpen>(new(_store, "open", new EventSchema<WithOpen>().Add<WithOpen>(1)), 0, static (state, _) => state + 1));

        var exact = await AskAsync<int>(shop, new WithOpen(new Open(1)));
        var derived = AskAsync<int>(shop, new WithOpen(new OpenAndMore(1, 2)));

        Assert.That(exact, Is.EqualTo(1));
        Assert.That(async () => await derived, Throws.TypeOf<SerializationException>().With.Message.Contains("OpenAndMore"));
        Assert.That(_store.Entries("open"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_ref_in_the_state_works_after_recovery()
    {
        var probe = new ProbeEndpoint();
        var receiver = _env.SetupEndpoint("probe", probe);
        var shop = _env.SetupEndpoint("refs", Refs());
        await AskAsync<Receiver>(shop, new Receiver(receiver));
        await AskAsync<Receiver>(shop, new Receiver(receiver));
        await StopAsync(shop);

        var recovered = await AskAsync<Receiver>(_env.SetupEndpoint("again", Refs()), "state");
        recovered.Ref!.Send("hello");

        Assert.That(await probe.ExpectAsync<string>(), Is.EqualTo("hello"));

        Shop<Receiver, Receiver> Refs() =>
            new(new(_store, "refs", new EventSchema<Receiver>().Add<Receiver>(1)) { SnapshotEvery = 1 }, new Receiver(null), static (_, next) => next);
    }

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public void Any_bytes_as_an_event_or_snapshot_are_an_error_of_the_journal(byte[] bytes, bool isSnapshot)
    {
        var store = new EventSourcingStore();
        Recover(store, bytes, isSnapshot);
        if (bytes.Length > 0) bytes[0] = 1;
        Recover(store, bytes, isSnapshot);
    }

    [Test]
    public async Task Every_wrong_byte_of_an_event_is_an_error_of_the_journal_or_another_event()
    {
        await WriteBeforeAsync(snapshotEvery: 0);
        var payload = _store.Entries(Shops.Journal)[0].Payload.ToArray();
        for (var i = 0; i < payload.Length; i++)
        {
            foreach (var wrong in new byte[] { 0, 1, 2, 127, 128, 255, (byte)(payload[i] ^ 1) })
            {
                var corrupt = (byte[])payload.Clone();
                corrupt[i] = wrong;
                Recover(new EventSourcingStore(), corrupt, isSnapshot: false);
            }

            Recover(new EventSourcingStore(), payload[..i], isSnapshot: false);
        }
    }

    // What the bytes lead to is not told here, only that it is a state or the journal's own error.
    private static void Recover(EventSourcingStore store, byte[] bytes, bool isSnapshot)
    {
        store.Put(Shops.Journal, bytes);
        if (isSnapshot) store.PutSnapshot(Shops.Journal, new JournalSnapshot(store.Entries(Shops.Journal)[^1].Sequence, bytes));
        var replay = new Replay<ShopNow.Turnover, ShopNow.Event>(
            ShopNow.Events, new StoredType<ShopNow.Turnover>(0), ShopNow.Apply, new SerializationContext());
        var initial = new ShopNow.Turnover(System.Collections.Immutable.ImmutableDictionary<string, long>.Empty, 0);
        try
        {
            var journal = store.OpenAsync(Shops.Journal).AsTask().GetAwaiter().GetResult();
            _ = replay.RunAsync(journal, initial, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (JournalException)
        {
            return;
        }
    }

    private async Task WriteBeforeAsync(int snapshotEvery)
    {
        var before = _env.SetupEndpoint("before", Shops.Before(_store, snapshotEvery));
        await AskAsync<ShopBefore.Sales>(before, new ShopBefore.Ordered("tea", 2));
        await AskAsync<ShopBefore.Sales>(before, new ShopBefore.Counted());
        if (snapshotEvery > 0) await _store.UntilAsync(static store => store.Entries(Shops.Journal).Count == 0);
        await AskAsync<ShopBefore.Sales>(before, new ShopBefore.Ordered("milk", 3));
        await StopAsync(before);
    }

    private async Task StopAsync(RpcEndpointRef endpoint)
    {
        _env.Stop(endpoint);
        await _store.UntilAsync(static store => store.Open == 0);
    }

    private static Task<T> AskAsync<T>(RpcEndpointRef endpoint, object question) => endpoint.AskAsync<T>(question, EventSourcingWaits.Patience).AsTask();

    public sealed record Wrong(string Item, Guid Count);

    public sealed record WithAnything(IReadOnlyList<Part> Parts);

    public sealed record Part(object Value);

    public record Open(int Value);

    public sealed record OpenAndMore(int Value, int More) : Open(Value);

    public sealed record WithOpen(Open Value);

    public sealed record Receiver(RpcEndpointRef? Ref);
}

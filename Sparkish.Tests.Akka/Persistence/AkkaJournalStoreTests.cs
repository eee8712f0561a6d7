using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Akka.Channels;
using Sparkish.Akka.Membership;
using Sparkish.Akka.Persistence;
using Sparkish.Persistence;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>Stores on an actor system of the program's own.</summary>
internal sealed class AkkaJournalStoreTests
{
    private const string Memory = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          persistence.journal.plugin = "akka.persistence.journal.inmem"
          persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """;

    [Test]
    public async Task A_plugin_that_accepts_a_number_twice_is_refused_when_the_first_journal_is_opened()
    {
        using var system = ActorSystem.Create("memory", ConfigurationFactory.ParseString(Memory + "\npersistence.journal-plugin-fallback.replay-filter.mode = off }"));
        await using var store = New(system);

        var error = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));

        Assert.That(error!.Message, Does.Contain("akka.persistence.journal.inmem").And.Contain("cannot reject a stale writer"));
    }

    [Test]
    public void A_replay_filter_that_drops_events_is_refused_at_the_start()
    {
        using var system = ActorSystem.Create("filter", ConfigurationFactory.ParseString(Memory + "}"));

        Assert.That(() => New(system), Throws.TypeOf<SparkException>().With.Message.Contains("replay-filter.mode = repair-by-discard-old"));
    }

    [TestCase("akka.persistence.journal.nosuch")]
    [TestCase("nosuch")]
    public void A_plugin_without_settings_is_refused_at_the_start(string plugin)
    {
        using var system = ActorSystem.Create("missing", ConfigurationFactory.ParseString(Memory + "}"));

        Assert.That(() => New(system, plugin), Throws.TypeOf<SparkException>().With.Message.Contains($"'{plugin}'"));
    }

    [Test]
    public async Task A_plugin_whose_assembly_is_missing_is_an_error_that_names_it()
    {
        using var system = ActorSystem.Create("assembly", ConfigurationFactory.ParseString(
            Memory + "\npersistence.journal-plugin-fallback.replay-filter.mode = off, persistence.journal.far { class = \"Far.Journal, Far\" } }"));
        await using var store = New(system, "akka.persistence.journal.far");

        Assert.That(async () => await store.OpenAsync("master"), Throws.TypeOf<JournalException>().With.Message.Contains("akka.persistence.journal.far"));
    }

    [Test]
    public async Task A_store_ends_before_its_actor_system_and_never_ends_it()
    {
        using var directory = new TemporaryDirectory();
        using var system = AkkaJournals.NewSystem(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory));
        await using (var store = New(system))
        {
            await using var journal = await store.OpenAsync("master");
            await journal.AppendAsync([new byte[] { 7 }]);
        }

        await using var second = New(system);
        await using var again = await second.OpenAsync("master");

        Assert.That((again.LastSequence, system.WhenTerminated.IsCompleted), Is.EqualTo((1L, false)));
    }

    [Test]
    public async Task Rows_hold_Sparkish_s_bytes_also_on_an_actor_system_of_the_program_s_own()
    {
        using var directory = new TemporaryDirectory();
        var url = AkkaJournals.SqliteUrl(directory);
        using (var system = AkkaJournals.NewSystem(AkkaJournals.Sqlite, url))
        await using (var store = New(system))
        await using (var journal = await store.OpenAsync("master"))
        {
            await journal.AppendAsync([new byte[] { 7 }]);
            await journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[] { 8 }));
        }

        string[] serializers =
        [
            .. await AkkaJournals.ReadAsync(AkkaJournals.Sqlite, url, "SELECT DISTINCT identifier FROM journal"),
            .. await AkkaJournals.ReadAsync(AkkaJournals.Sqlite, url, "SELECT DISTINCT serializer_id FROM snapshot"),
        ];

        Assert.That(serializers, Is.EqualTo(new[] { $"{0x5350_4B03}", $"{0x5350_4B03}" }));
    }

    [Test]
    public async Task A_system_that_would_store_rows_by_another_serializer_is_refused_when_the_first_journal_is_opened()
    {
        const string stored = "Sparkish.Akka.Persistence.Plugins.StoredBytes, Sparkish.Akka.Persistence";
        using var system = ActorSystem.Create("bound", ConfigurationFactory.ParseString(
            Memory + $"\npersistence.journal-plugin-fallback.replay-filter.mode = off\nactor.serialization-bindings.\"{stored}\" = json }}"));
        await using var store = New(system);

        Assert.That(async () => await store.OpenAsync("master"),
            Throws.InstanceOf<SparkException>().With.Message.Contains("'bound'").And.Message.Contains(stored).And.Message.Contains("sparkish-journal"));
    }

    [Test]
    public async Task Journals_of_an_actor_system_of_the_program_s_own_and_of_the_recovery_mode_are_the_same()
    {
        using var directory = new TemporaryDirectory();
        var url = AkkaJournals.SqliteUrl(directory);
        using (var system = AkkaJournals.NewSystem(AkkaJournals.Sqlite, url))
        await using (var store = New(system))
        await using (var journal = await store.OpenAsync("master"))
        {
            await journal.AppendAsync([new byte[] { 7 }]);
            await journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[] { 8 }));
        }

        await using var byMode = AkkaJournals.Open(AkkaJournals.Sqlite, url);
        await using var again = await byMode.OpenAsync("master");
        var snapshot = await again.ReadSnapshotAsync();

        Assert.That((again.LastSequence, snapshot!.Value.Payload.Span[0]), Is.EqualTo((1L, (byte)8)));
    }

    [Test]
    public void The_serializers_of_Sparkish_have_different_numbers()
    {
        using var system = ActorSystem.Create("numbers", ConfigurationFactory.ParseString(Memory + "}"));
        var extended = (ExtendedActorSystem)system;

        var stored = typeof(AkkaJournalStore).Assembly.GetType("Sparkish.Akka.Persistence.Plugins.StoredBytesSerializer", throwOnError: true)!;
        Serializer[] serializers =
        [
            new ChannelSerializer(extended), new MembershipSerializer(extended), (Serializer)Activator.CreateInstance(stored, extended)!,
        ];

        Assert.That(serializers.Select(static serializer => serializer.Identifier), Is.Unique);
    }

    [Test]
    public async Task An_actor_system_that_ends_first_fails_what_waits_and_what_comes()
    {
        using var directory = new TemporaryDirectory();
        using var system = AkkaJournals.NewSystem(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory));
        await using var store = New(system);
        await using var journal = await store.OpenAsync("master");
        await system.Terminate();

        Assert.That(async () => await journal.AppendAsync([new byte[1]]).AsTask().WaitAsync(AkkaEnvs.Patience), Throws.InstanceOf<JournalException>());
        Assert.That(async () => await store.OpenAsync("other").AsTask().WaitAsync(AkkaEnvs.Patience), Throws.InstanceOf<JournalException>());
    }

    [TestCase("")]
    [TestCase("a/b")]
    public void A_prefix_that_no_store_can_use_is_refused(string prefix)
    {
        using var system = ActorSystem.Create("prefix", ConfigurationFactory.ParseString(Memory + "}"));

        Assert.That(() => new AkkaJournalStore(system, new AkkaJournalOptions { Prefix = prefix }, TimeProvider.System, NullLogger.Instance),
            Throws.InstanceOf<ArgumentException>());
    }

    private static AkkaJournalStore New(ActorSystem system, string journal = "") =>
        new(system, new AkkaJournalOptions { JournalPluginId = journal }, TimeProvider.System, NullLogger.Instance);
}

using Sparkish.Persistence;
using Sparkish.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>What an event-sourced endpoint does when its store, a handler, an effect or an event fails.</summary>
internal sealed class EventSourcedEndpointFailureTests : EventSourcedEndpointTest
{
    [Test]
    public async Task A_failed_append_stops_the_endpoint_and_fails_what_waits()
    {
        var append = Hold();
        var counter = Start();
        var first = AskAsync(counter, new Increment(1));
        await append.Begun;
        var waiting = AskAsync(counter, new Increment(2));
        await InboxIsEmptyAsync(counter);

        append.Fail(new JournalException("The disk is full."));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await CatchAsync(first), Is.TypeOf<JournalException>().With.Message.EqualTo("The disk is full."));
            Assert.That(await CatchAsync(waiting), Is.TypeOf<JournalException>().With.Message.EqualTo("The disk is full."));
            await GoneAsync(counter);
            Assert.That(Seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "failed The disk is full.", "error The disk is full.", "stopped" }));
        }
    }

    [Test]
    public async Task A_store_that_comes_back_is_written_again_by_an_endpoint_that_supervision_restarts()
    {
        var failures = 3;
        Store.Appending = _ => failures-- > 0 ? Task.FromException(new JournalException("The disk is full.")) : Task.CompletedTask;
        var counter = StartSupervised(ErrorDirective.Restart);
        var refused = new List<Exception>();
        while (failures > 0) refused.Add((await CatchAsync(AskAsync(counter, new Increment(1))))!);

        var value = await AskAsync(counter, new Increment(2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Has.Count.EqualTo(3).And.All.TypeOf<JournalException>());
            Assert.That(value, Is.EqualTo(2), "what was refused was not written");
            Assert.That(Seen.Count(seen => seen == "failed The disk is full."), Is.EqualTo(3));
        }
    }

    [Test]
    public async Task A_store_that_cannot_be_opened_is_tried_again_by_an_endpoint_that_supervision_restarts()
    {
        var failures = 2;
        Store.Opening = () => failures-- > 0 ? Task.FromException(new JournalException("The server starts.")) : Task.CompletedTask;
        var counter = StartSupervised(ErrorDirective.Restart);
        await Seen.UntilAsync(seen => seen.Any(line => line.StartsWith("recovered", StringComparison.Ordinal)));

        Assert.That(await AskAsync(counter, new Increment(2)), Is.EqualTo(2));
    }

    [TestCase(ErrorDirective.Resume)]
    [TestCase(ErrorDirective.Stop)]
    public async Task Without_a_restart_a_store_failure_stops_the_endpoint(ErrorDirective directive)
    {
        Store.Appending = static _ => Task.FromException(new JournalException("The disk is full."));
        var counter = StartSupervised(directive);

        await CatchAsync(AskAsync(counter, new Increment(1)));

        await GoneAsync(counter);
    }

    [Test]
    public async Task A_takeover_and_a_corrupt_journal_stop_a_supervised_endpoint([Values] bool isCorrupt)
    {
        Store.Appending = _ => Task.FromException(isCorrupt ? new JournalCorruptException("It is damaged.") : new StaleEpochException("counter", 1, 2));
        var counter = StartSupervised(ErrorDirective.Restart);

        await CatchAsync(AskAsync(counter, new Increment(1)));

        await GoneAsync(counter);
        Assert.That(Seen.Count(line => line.StartsWith("recovered", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_was_replaced_by_another_writer_stops_with_that_reason()
    {
        var counter = Start();
        await AskAsync(counter, new Increment(1));
        await using var other = await Store.OpenAsync(EventSourcingCounter.Journal);

        var error = await CatchAsync(AskAsync(counter, new Increment(1)));

        Assert.That(error, Is.TypeOf<StaleEpochException>().With.Property(nameof(StaleEpochException.Current)).EqualTo(2));
        await GoneAsync(counter);
    }

    [Test]
    public async Task An_epoch_that_is_over_is_refused_at_the_start()
    {
        await using var other = await Store.OpenAsync(EventSourcingCounter.Journal, 7);
        var opening = new Gate();
        Store.Opening = opening.WaitAsync;
        var counter = Start(EventSourcingCounter.Options(Store) with { Epoch = 7 });
        await opening.Begun;
        var answer = AskAsync(counter, new GetValue());

        opening.Release();

        Assert.That(await CatchAsync(answer), Is.TypeOf<StaleEpochException>());
        await GoneAsync(counter);
    }

    [Test]
    public async Task A_handler_that_throws_writes_nothing()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, new Refuse("no")));
        var value = await AskAsync(counter, new GetValue());

        Assert.That((error?.Message, value), Is.EqualTo(("no", 0L)));
        Assert.That(Seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "error no" }));
        Assert.That(Store.Entries(EventSourcingCounter.Journal), Is.Empty);
    }

    [Test]
    public async Task A_command_without_a_case_is_unhandled()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, "what?"));
        counter.Send("what?");
        await AskAsync(counter, new GetValue());

        Assert.That(error, Is.TypeOf<UnhandledMessageException>().With.Message.Contains("counter").And.Message.Contains("String"));
        Assert.That(Seen.Count(line => line == $"error {error!.Message}"), Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_cannot_be_applied_is_not_written_and_neither_are_its_siblings()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, new Break(1)));
        var value = await AskAsync(counter, new GetValue());

        Assert.That((error?.Message, value), Is.EqualTo(("Nobody counts that far.", 0L)));
        Assert.That(Store.Entries(EventSourcingCounter.Journal), Is.Empty);
    }

    [Test]
    public async Task An_event_without_a_number_is_told_by_its_type()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, new PersistUnregistered()));

        Assert.That(error?.Message, Does.Contain("NotRegistered").And.Contain("EventSchema"));
    }

    [Test]
    public async Task An_effect_that_throws_fails_its_ask_and_no_other()
    {
        var first = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var failing = AskAsync(counter, new FailInEffect());
        var after = AskAsync(counter, new Increment(1));
        await InboxIsEmptyAsync(counter);

        first.Release();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await before, Is.EqualTo(1));
            Assert.That((await CatchAsync(failing))?.Message, Is.EqualTo("The effect failed."));
            Assert.That(await after, Is.EqualTo(3), "the event was safe");
        }

        await AskAsync(counter, new GetValue());
        Assert.That(Seen, Has.Exactly(1).EqualTo("error The effect failed."));
    }

    [Test]
    public async Task An_error_of_a_handler_behind_events_is_told_when_they_are_safe()
    {
        var first = Hold();
        var second = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var written = AskAsync(counter, new Increment(1));
        var refused = AskAsync(counter, new Refuse("no"));
        await InboxIsEmptyAsync(counter);

        first.Release();
        await second.Begun;
        var early = refused.IsCompleted;
        second.Release();

        Assert.That((early, await before, await written, (await CatchAsync(refused))?.Message), Is.EqualTo((false, 1L, 2L, "no")));
    }

    [Test]
    public async Task An_event_that_cannot_be_applied_again_stops_the_endpoint_with_its_number()
    {
        var writer = Start();
        await AskAsync(writer, new Increment(1));
        await StopAsync(writer);
        var last = Store.Entries(EventSourcingCounter.Journal)[0].Payload.ToArray();
        BitConverter.GetBytes(EventSourcingCounter.Poison).CopyTo(last, last.Length - sizeof(int) - "test".Length - 1); // the amount, before the client
        Store.Put(EventSourcingCounter.Journal, last);

        var opening = new Gate();
        Store.Opening = opening.WaitAsync;
        var counter = Start();
        await opening.Begun;
        var answer = AskAsync(counter, new GetValue());
        opening.Release();

        Assert.That((await CatchAsync(answer))?.Message, Does.StartWith("Event 2 (Incremented) of journal 'counter'").And.EndWith("Nobody counts that far."));
        await GoneAsync(counter);
    }

    [Test]
    public async Task A_snapshot_that_cannot_be_saved_is_no_reason_to_stop()
    {
        Store.Saving = () => throw new JournalException("The disk is full.");
        var counter = Start(EventSourcingCounter.Options(Store) with { SnapshotEvery = 2 });

        for (var i = 0; i < 5; i++) await AskAsync(counter, new Increment(1));

        Assert.That(await AskAsync(counter, new GetValue()), Is.EqualTo(5));
        Assert.That(Store.Entries(EventSourcingCounter.Journal), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task A_snapshot_that_somebody_else_refuses_stops_the_endpoint()
    {
        Store.Saving = () => throw new StaleEpochException(EventSourcingCounter.Journal, 1, 2);
        var counter = Start(EventSourcingCounter.Options(Store) with { SnapshotEvery = 1 });

        await AskAsync(counter, new Increment(1));

        await GoneAsync(counter);
        Assert.That(Seen, Has.Some.StartsWith("failed Epoch 1 of journal 'counter'"));
    }

    private RpcEndpointRef StartSupervised(ErrorDirective directive) => Env.SetupEndpoint(
        "counter", () => new EventSourcingCounter(EventSourcingCounter.Options(Store)) { Seen = Seen, Directive = _ => directive });
}

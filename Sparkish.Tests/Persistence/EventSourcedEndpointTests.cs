using System.Collections.Concurrent;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>Each rule of event-sourced endpoints, on a real env and a store that does what the test says.</summary>
internal sealed class EventSourcedEndpointTests
{
    private static readonly TimeSpan Patience = EventSourcingWaits.Patience;

    private EventSourcingStore _store = null!;
    private ConcurrentQueue<string> _seen = null!;
    private ConcurrentQueue<Gate> _gates = null!;
    private RpcEnv _env = null!;

    [SetUp]
    public void NewEnv() => (_store, _seen, _gates, _env) = (new EventSourcingStore(), new ConcurrentQueue<string>(), new ConcurrentQueue<Gate>(), Envs.New());

    [TearDown]
    public async Task StopEnv() => await _env.DisposeAsync();

    [Test]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        var counter = Start();
        await AskAsync(counter, new Increment(2));
        await AskAsync(counter, new Increment(3));
        await StopAsync(counter);

        var again = Start();

        Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(5));
        Assert.That(_seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "stopped", "recovered 5 epoch 2" }));
    }

    [Test]
    public async Task An_effect_waits_until_the_event_is_safe()
    {
        var append = Hold();
        var counter = Start();

        var answer = AskAsync(counter, new Increment(2));
        await append.Begun;
        var early = answer.IsCompleted;
        append.Release();

        Assert.That((early, await answer), Is.EqualTo((false, 2L)));
    }

    [Test]
    public async Task Commands_that_come_during_an_append_share_the_next_one_in_their_order()
    {
        var first = Hold();
        var counter = Start();
        var answers = new List<Task<long>> { AskAsync(counter, new Increment(1)) };
        await first.Begun;
        for (var i = 2; i <= 50; i++) answers.Add(AskAsync(counter, new Increment(i)));
        await InboxIsEmptyAsync(counter);

        first.Release();
        var values = await Task.WhenAll(answers);

        Assert.That(values, Is.EqualTo(Enumerable.Range(1, 50).Select(n => (long)n * (n + 1) / 2)));
        Assert.That(_store.Batches, Is.EqualTo(new[] { 1, 49 }));
    }

    [Test]
    public async Task A_read_waits_for_its_place_and_sees_what_comes_before_it_only()
    {
        var first = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var read = AskAsync(counter, new GetValue());
        var after = AskAsync(counter, new Increment(10));
        await InboxIsEmptyAsync(counter);
        var early = read.IsCompleted;

        first.Release();

        Assert.That((early, await before, await read, await after), Is.EqualTo((false, 1L, 1L, 11L)));
    }

    [Test]
    public async Task Commands_wait_in_order_while_the_endpoint_recovers()
    {
        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var counter = Start();
        await opening.Begun;
        var answers = new[] { AskAsync(counter, new Increment(1)), AskAsync(counter, new IncrementTwice(1)), AskAsync(counter, new GetValue()) };

        opening.Release();

        Assert.That(await Task.WhenAll(answers), Is.EqualTo(new[] { 1L, 3L, 3L }));
    }

    [Test]
    public async Task Too_many_that_wait_are_refused()
    {
        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var counter = Start(EventSourcingCounter.Options(_store) with { MaxWaiting = 2 });
        await opening.Begun;
        var first = AskAsync(counter, new Increment(1));
        counter.Send(new Increment(2));
        counter.Send(new Increment(4));
        var refused = AskAsync(counter, new Increment(8));

        var error = await CatchAsync(refused);
        opening.Release();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error, Is.TypeOf<EndpointBusyException>().With.Message.EqualTo(
                "Endpoint 'counter' waits for its journal, and 2 commands wait already: ask again later, or let more of them wait (MaxWaiting)."));
            Assert.That(await first, Is.EqualTo(1));
            Assert.That(await AskAsync(counter, new GetValue()), Is.EqualTo(3));
        }
    }

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
            Assert.That(_seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "failed The disk is full.", "error The disk is full.", "stopped" }));
        }
    }

    [Test]
    public async Task A_store_that_comes_back_is_written_again_by_an_endpoint_that_supervision_restarts()
    {
        var failures = 3;
        _store.Appending = _ => failures-- > 0 ? Task.FromException(new JournalException("The disk is full.")) : Task.CompletedTask;
        var counter = StartSupervised(ErrorDirective.Restart);
        var refused = new List<Exception>();
        while (failures > 0) refused.Add((await CatchAsync(AskAsync(counter, new Increment(1))))!);

        var value = await AskAsync(counter, new Increment(2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Has.Count.EqualTo(3).And.All.TypeOf<JournalException>());
            Assert.That(value, Is.EqualTo(2), "what was refused was not written");
            Assert.That(_seen.Count(seen => seen == "failed The disk is full."), Is.EqualTo(3));
        }
    }

    [Test]
    public async Task A_store_that_cannot_be_opened_is_tried_again_by_an_endpoint_that_supervision_restarts()
    {
        var failures = 2;
        _store.Opening = () => failures-- > 0 ? Task.FromException(new JournalException("The server starts.")) : Task.CompletedTask;
        var counter = StartSupervised(ErrorDirective.Restart);
        await _seen.UntilAsync(seen => seen.Any(line => line.StartsWith("recovered", StringComparison.Ordinal)));

        Assert.That(await AskAsync(counter, new Increment(2)), Is.EqualTo(2));
    }

    [TestCase(ErrorDirective.Resume)]
    [TestCase(ErrorDirective.Stop)]
    public async Task Without_a_restart_a_store_failure_stops_the_endpoint(ErrorDirective directive)
    {
        _store.Appending = static _ => Task.FromException(new JournalException("The disk is full."));
        var counter = StartSupervised(directive);

        await CatchAsync(AskAsync(counter, new Increment(1)));

        await GoneAsync(counter);
    }

    [Test]
    public async Task A_takeover_and_a_corrupt_journal_stop_a_supervised_endpoint([Values] bool isCorrupt)
    {
        _store.Appending = _ => Task.FromException(isCorrupt ? new JournalCorruptException("It is damaged.") : new StaleEpochException("counter", 1, 2));
        var counter = StartSupervised(ErrorDirective.Restart);

        await CatchAsync(AskAsync(counter, new Increment(1)));

        await GoneAsync(counter);
        Assert.That(_seen.Count(line => line.StartsWith("recovered", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_was_replaced_by_another_writer_stops_with_that_reason()
    {
        var counter = Start();
        await AskAsync(counter, new Increment(1));
        await using var other = await _store.OpenAsync(EventSourcingCounter.Journal);

        var error = await CatchAsync(AskAsync(counter, new Increment(1)));

        Assert.That(error, Is.TypeOf<StaleEpochException>().With.Property(nameof(StaleEpochException.Current)).EqualTo(2));
        await GoneAsync(counter);
    }

    [Test]
    public async Task An_epoch_that_is_over_is_refused_at_the_start()
    {
        await using var other = await _store.OpenAsync(EventSourcingCounter.Journal, 7);
        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var counter = Start(EventSourcingCounter.Options(_store) with { Epoch = 7 });
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
        Assert.That(_seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "error no" }));
        Assert.That(_store.Entries(EventSourcingCounter.Journal), Is.Empty);
    }

    [Test]
    public async Task A_command_without_a_case_is_unhandled()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, "what?"));
        counter.Send("what?");
        await AskAsync(counter, new GetValue());

        Assert.That(error, Is.TypeOf<UnhandledMessageException>().With.Message.EqualTo("counter does not handle String."));
        Assert.That(_seen.Count(line => line == "error counter does not handle String."), Is.EqualTo(2));
    }

    [Test]
    public async Task An_event_that_cannot_be_applied_is_not_written_and_neither_are_its_siblings()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, new Break(1)));
        var value = await AskAsync(counter, new GetValue());

        Assert.That((error?.Message, value), Is.EqualTo(("Nobody counts that far.", 0L)));
        Assert.That(_store.Entries(EventSourcingCounter.Journal), Is.Empty);
    }

    [Test]
    public async Task An_event_without_a_number_is_told_by_its_type()
    {
        var counter = Start();

        var error = await CatchAsync(AskAsync(counter, new PersistUnregistered()));

        Assert.That(error?.Message, Is.EqualTo("Events of type NotRegistered have no number: add it to the EventSchema, with a number that was never used."));
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
        Assert.That(_seen, Has.Exactly(1).EqualTo("error The effect failed."));
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
        var last = _store.Entries(EventSourcingCounter.Journal)[0].Payload.ToArray();
        BitConverter.GetBytes(EventSourcingCounter.Poison).CopyTo(last, last.Length - sizeof(int) - "test".Length - 1); // the amount, before the client
        _store.Put(EventSourcingCounter.Journal, last);

        var opening = new Gate();
        _store.Opening = opening.WaitAsync;
        var counter = Start();
        await opening.Begun;
        var answer = AskAsync(counter, new GetValue());
        opening.Release();

        Assert.That((await CatchAsync(answer))?.Message, Is.EqualTo("Event 2 (Incremented) of journal 'counter' cannot be applied: Nobody counts that far."));
        await GoneAsync(counter);
    }

    [Test]
    public async Task A_restart_reads_the_journal_again_after_the_old_one_was_closed()
    {
        var closing = new Gate();
        var counter = _env.SetupEndpoint(
            "counter", () => New(EventSourcingCounter.Options(_store), error => error is TimeoutException ? ErrorDirective.Restart : ErrorDirective.Resume));
        await AskAsync(counter, new Increment(3));
        var mostOpen = 0;
        _store.Closing = closing.WaitAsync;
        _store.Opening = () =>
        {
            mostOpen = Math.Max(mostOpen, _store.Open);
            return Task.CompletedTask;
        };

        await CatchAsync(AskAsync(counter, new RestartYourself()));
        await closing.Begun;
        var answer = AskAsync(counter, new Increment(1));
        await _seen.UntilAsync(seen => seen.Contains("stopped"));
        var early = answer.IsCompleted;
        closing.Release();

        Assert.That((early, await answer, mostOpen), Is.EqualTo((false, 4L, 0)));
        Assert.That(_seen, Is.EqualTo(new[] { "recovered 0 epoch 1", "error restart", "stopped", "recovered 3 epoch 2" }));
    }

    [Test]
    public async Task A_restart_within_one_term_goes_on_under_its_epoch()
    {
        var counter = _env.SetupEndpoint(
            "counter", () => New(EventSourcingCounter.Options(_store) with { Epoch = 7 }, static error => error is TimeoutException
                ? ErrorDirective.Restart
                : ErrorDirective.Resume));
        await AskAsync(counter, new Increment(3));

        await CatchAsync(AskAsync(counter, new RestartYourself()));

        Assert.That(await AskAsync(counter, new Increment(1)), Is.EqualTo(4));
        Assert.That(_seen, Is.EqualTo(new[] { "recovered 0 epoch 7", "error restart", "stopped", "recovered 3 epoch 7" }));
    }

    [Test]
    public async Task An_append_under_way_at_a_stop_completes_before_the_journal_is_opened_again()
    {
        var append = Hold();
        var counter = Start();
        var answer = AskAsync(counter, new Increment(3));
        await append.Begun;

        await StopAsync(counter);
        var error = await CatchAsync(answer);
        var again = Start();
        append.Release();

        Assert.That(error, Is.TypeOf<JournalException>().With.Message.Contains("they may be there or not"));
        Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(3));
    }

    [Test]
    public async Task An_endpoint_that_is_told_to_stop_by_an_effect_answers_first_and_refuses_what_comes_behind()
    {
        var first = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var last = AskAsync(counter, new IncrementAndStop());
        var behind = AskAsync(counter, new Increment(1));
        await InboxIsEmptyAsync(counter);

        first.Release();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await before, await last), Is.EqualTo((1L, 2L)));
            Assert.That(await CatchAsync(behind), Is.TypeOf<EndpointNotFoundException>());
        }

        await GoneAsync(counter);
        Assert.That(_store.Entries(EventSourcingCounter.Journal), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_snapshot_takes_the_place_of_the_events_before_it()
    {
        var counter = Start(EventSourcingCounter.Options(_store) with { SnapshotEvery = 3 });
        for (var i = 0; i < 10; i++) await AskAsync(counter, new Increment(1));
        await EventuallyAsync(() => _store.Snapshot(EventSourcingCounter.Journal) is { } saved
            && _store.Entries(EventSourcingCounter.Journal).All(entry => entry.Sequence > saved.Sequence));
        await StopAsync(counter);
        var kept = _store.Entries(EventSourcingCounter.Journal).Count;

        var again = Start();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AskAsync(again, new GetValue()), Is.EqualTo(10));
            Assert.That(kept, Is.EqualTo(10 - _store.Snapshot(EventSourcingCounter.Journal)?.Sequence).And.LessThan(8));
            Assert.That(await AskAsync(again, new Increment(1)), Is.EqualTo(11), "the types are still defined");
            Assert.That(await AskAsync(again, new ResetCounter()), Is.Zero);
        }
    }

    [Test]
    public async Task A_snapshot_that_cannot_be_saved_is_no_reason_to_stop()
    {
        _store.Saving = () => throw new JournalException("The disk is full.");
        var counter = Start(EventSourcingCounter.Options(_store) with { SnapshotEvery = 2 });

        for (var i = 0; i < 5; i++) await AskAsync(counter, new Increment(1));

        Assert.That(await AskAsync(counter, new GetValue()), Is.EqualTo(5));
        Assert.That(_store.Entries(EventSourcingCounter.Journal), Has.Count.EqualTo(5));
    }

    [Test]
    public async Task A_snapshot_that_somebody_else_refuses_stops_the_endpoint()
    {
        _store.Saving = () => throw new StaleEpochException(EventSourcingCounter.Journal, 1, 2);
        var counter = Start(EventSourcingCounter.Options(_store) with { SnapshotEvery = 1 });

        await AskAsync(counter, new Increment(1));

        await GoneAsync(counter);
        Assert.That(_seen, Has.Some.StartsWith("failed Epoch 1 of journal 'counter' is over"));
    }

    [Test]
    public async Task A_batch_is_bounded_and_the_events_of_a_command_are_never_parted()
    {
        var first = Hold();
        var counter = Start(EventSourcingCounter.Options(_store) with { MaxBatchEvents = 3 });
        var answers = new List<Task<long>> { AskAsync(counter, new Increment(1)) };
        await first.Begun;
        for (var i = 0; i < 4; i++) answers.Add(AskAsync(counter, new IncrementTwice(1)));
        await InboxIsEmptyAsync(counter);

        first.Release();

        Assert.That(await Task.WhenAll(answers), Is.EqualTo(new[] { 1L, 3, 5, 7, 9 }));
        Assert.That(_store.Batches, Is.EqualTo(new[] { 1, 2, 2, 2, 2 }));
    }

    [Test]
    public async Task Timers_watches_and_effects_with_messages_work_as_in_every_endpoint()
    {
        var counter = Start();
        var probe = new ProbeEndpoint();
        var probeRef = _env.SetupEndpoint("probe", probe);

        counter.Send(new IncrementAndSend(2, probeRef));
        var told = await probe.ExpectAsync<long>();
        counter.Send(new StartTimer());
        await EventuallyAsync(() => _seen.Contains("sent 7"));

        Assert.That(told, Is.EqualTo(2));
    }

    [Test]
    public async Task The_state_outside_of_handlers_is_the_acknowledged_one()
    {
        var first = Hold();
        var second = Hold();
        var counter = Start();
        var before = AskAsync(counter, new Increment(1));
        await first.Begun;
        var written = AskAsync(counter, new Increment(1));
        var acknowledged = AskAsync(counter, new GetAcknowledged());
        await InboxIsEmptyAsync(counter);

        first.Release();
        await second.Begun;
        var seen = await acknowledged;
        second.Release();

        Assert.That((await before, await written, seen), Is.EqualTo((1L, 2L, 1L)));
    }

    private RpcEndpointRef Start(EventSourcingOptions<ICounterEvent>? options = null) =>
        _env.SetupEndpoint("counter", New(options ?? EventSourcingCounter.Options(_store)));

    private EventSourcingCounter New(EventSourcingOptions<ICounterEvent> options, Func<Exception, ErrorDirective>? directive = null) =>
        new(options) { Seen = _seen, Directive = directive ?? (static _ => ErrorDirective.Resume) };

    /// <summary>The next append waits, or the one after those that were held before.</summary>
    private RpcEndpointRef StartSupervised(ErrorDirective directive) => _env.SetupEndpoint(
        "counter", () => new EventSourcingCounter(EventSourcingCounter.Options(_store)) { Seen = _seen, Directive = _ => directive });

    private Gate Hold()
    {
        var gate = new Gate();
        _gates.Enqueue(gate);
        _store.Appending = _ => _gates.TryDequeue(out var next) ? next.WaitAsync() : Task.CompletedTask;
        return gate;
    }

    private static Task<long> AskAsync(RpcEndpointRef counter, object question) => counter.AskAsync<long>(question, Patience).AsTask();

    /// <summary>What was sent before has been taken out of the inbox: this answer does not wait for the journal.</summary>
    private static async Task InboxIsEmptyAsync(RpcEndpointRef counter)
    {
        var marker = new DrainedException();
        counter.Env.PostError(counter, marker);
        await marker.Drained.Task.WaitAsync(Patience);
    }

    private static async Task<Exception?> CatchAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task StopAsync(RpcEndpointRef counter)
    {
        _env.Stop(counter);
        await _seen.UntilAsync(seen => seen.LastOrDefault() == "stopped");
    }

    private async Task GoneAsync(RpcEndpointRef counter)
    {
        await _seen.UntilAsync(seen => seen.Contains("stopped"));
        Assert.That(await CatchAsync(AskAsync(counter, new GetValue())), Is.TypeOf<EndpointNotFoundException>());
    }

    private static Task EventuallyAsync(Func<bool> condition) => condition.UntilAsync(static condition => condition());
}

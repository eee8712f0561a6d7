using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Every exception of user code is an outcome: it reaches its owner, and has no other effect.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task PipeToSelf_tells_OnError_what_the_function_for_failures_throws() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var failed = new EventLog<Exception>(env, "Errors");
        var first = new InvalidOperationException("first");
        Register(env, "e", () => new Witness(env)
        {
            Starting = me => me.PipeToSelf(Task.FromException<int>(first), value => value, _ => throw new TimeoutException("second")),
            Failing = error =>
            {
                failed.Add(error);
                return ErrorDirective.Resume;
            },
        });

        var told = await failed.NextAsync();

        Assert.That(told.InnerException, Is.SameAs(first));
        Assert.That(told.ToString(), Does.Contain("second"));
    });

    [Test]
    public Task PipeToSelf_tells_OnError_when_a_function_makes_null() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var failed = new EventLog<Exception>(env, "Errors");
        var first = new InvalidOperationException("first");
        Register(env, "e", () => new Witness(env)
        {
            Starting = me =>
            {
                me.PipeToSelf(Task.FromResult(1), _ => null!);
                me.PipeToSelf(Task.FromException<int>(first), value => value, _ => null!);
            },
            Failing = error =>
            {
                failed.Add(error);
                return ErrorDirective.Resume;
            },
        });

        Exception[] told = [await failed.NextAsync(), await failed.NextAsync()];

        Assert.That(told.Select(error => error.GetType()), Is.EquivalentTo(new[] { typeof(InvalidOperationException), typeof(AggregateException) }));
        Assert.That(told.OfType<AggregateException>().Single().InnerException, Is.SameAs(first));
    });

    [Test]
    public Task PipeToSelf_turns_a_failure_of_the_function_for_results_into_a_message() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = me => me.PipeToSelf(Task.FromResult(1), _ => throw new InvalidOperationException("luck"), error => $"bad {error.Message}"),
        });

        await ExpectEventsAsync(witness, "start", "bad luck");
    });

    [Test]
    public Task PipeToSelf_turns_the_end_of_a_task_without_a_result_into_a_message() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var (good, bad) = (env.NewCompletion<int>(), env.NewCompletion<int>());
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = me =>
            {
                me.PipeToSelf((Task)good.Task, () => "good", error => $"bad {error.Message}");
                me.PipeToSelf(new ValueTask(bad.Task), () => "good", error => $"bad {error.Message}");
            },
        });

        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("start"));
        good.SetResult(1);
        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("good"));
        bad.SetException(new InvalidOperationException("luck"));
        Assert.That(await witness.Events.NextAsync(), Is.EqualTo("bad luck"));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task An_exception_that_cannot_be_described_reaches_the_asker(bool remote) => CheckAsync(async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(
            server, "e", () => new Witness(server) { Asked = (_, _, _) => throw new UntellableException(), Failing = _ => ErrorDirective.Resume });
        var there = client.RefTo(witness.Self);

        for (var i = 0; i < 2; i++)
        {
            var type = "";
            try
            {
                await there.AskAsync<int>(new Text("a", i));
            }
            catch (Exception error)
            {
                type = error is RpcRemoteException failure ? failure.RemoteType : error.GetType().FullName!;
            }

            Assert.That(type, Is.EqualTo(typeof(UntellableException).FullName));
        }
    });

    [Test]
    public Task A_logger_that_throws_stops_nothing() => CheckAsync(async () =>
    {
        using var loggers = new ThrowingLoggers();
        var env = NewEnv(with: options => options with { LoggerFactory = loggers });
        var fragile = env.SetupEndpoint("fragile", new FragileEndpoint());

        for (var i = 0; i < 3; i++) await FailureOfAsync<InvalidOperationException>(fragile.AskAsync<int>("fail").AsTask());
        fragile.Send("fail");

        Assert.That(await fragile.AskAsync<int>("count"), Is.EqualTo(4));
    });

    private sealed class UntellableException : Exception
    {
        public override string Message => throw new NotSupportedException("No message.");

        public override string? StackTrace => throw new NotSupportedException("No stack.");

        public override string ToString() => throw new NotSupportedException("No text.");
    }

    /// <summary>Leaves its errors to its env.</summary>
    private sealed class FragileEndpoint : RpcEndpoint
    {
        private int _failures;

        public override void Receive(object message)
        {
            _failures++;
            throw new InvalidOperationException("luck");
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            if (message is "count") call.Reply(_failures);
            else Receive(message);
        }
    }

    private sealed class ThrowingLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning ? true : throw new NotSupportedException();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is stored.
        }
    }
}

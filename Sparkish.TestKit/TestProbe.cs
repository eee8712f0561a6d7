#pragma warning disable MA0048 // the ask belongs to the probe
using Sparkish.Rpc;

namespace Sparkish.TestKit;

/// <summary>An ask that a probe received, and the call that replies to it.</summary>
public sealed record Question<T>(T Message, RpcCallContext Call)
{
    /// <summary>Replies to it.</summary>
    public void Reply(object? response) => Call.Reply(response);
}

/// <summary>
/// An endpoint for tests: it stores received messages, for the test to expect in order, and sends and watches on the test's behalf. Works on every env;
/// timeouts use the env's clock. One expectation at a time; an expected message is removed from the probe.
/// </summary>
/// <example><code>
/// var probe = TestProbe.On(env);
/// worker.Send(new Register(probe.Self));
/// await probe.ExpectAsync&lt;Registered&gt;();
/// </code></example>
public sealed class TestProbe : RpcEndpoint
{
    private readonly EventLog<Received> _log;
    private Func<object, RpcCallContext?, bool>? _autoPilot;
    private RpcCallContext? _lastCall;

    private TestProbe(RpcEnv env, string name) => _log = new EventLog<Received>(env, $"Probe '{name}'");

    /// <summary>The probe's ref.</summary>
    public new RpcEndpointRef Self => base.Self;

    /// <summary>The probe's env.</summary>
    public new RpcEnv Env => base.Env;

    /// <summary>The call of the question that was expected last.</summary>
    /// <exception cref="InvalidOperationException">No ask was expected yet.</exception>
    public RpcCallContext LastCall => _lastCall ?? throw new InvalidOperationException($"{Self} has received no ask yet: use ExpectAskAsync first.");

    /// <summary>The sender of the last expected ask; read it before replying.</summary>
    public RpcAddress LastSender => LastCall.SenderAddress;

    /// <summary>All received messages, as text.</summary>
    public string Seen => _log.Seen();

    /// <summary>Registers a probe; named <c>probe-1</c> and so on unless given.</summary>
    public static TestProbe On(RpcEnv env, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        if (name is not null) return Register(env, name);
        for (var number = 1; ; number++)
        {
            try
            {
                return Register(env, $"probe-{number}");
            }
            catch (ArgumentException) when (number < 10_000)
            {
                // taken: the next one
            }
        }
    }

    /// <summary>Expects the next message, which must be of a type and may be checked further.</summary>
    /// <exception cref="TestKitException">No message arrived in time, or another one did.</exception>
    public async Task<T> ExpectAsync<T>(Func<T, bool>? predicate = null, TimeSpan? timeout = null) =>
        As(await NextAsync<T>("", timeout).ConfigureAwait(false), predicate);

    /// <summary>Expects the next message, which must be an ask of a type; reply to it through the result.</summary>
    /// <exception cref="TestKitException">No message arrived in time, or another one did, or it was not asked but sent.</exception>
    public async Task<Question<T>> ExpectAskAsync<T>(Func<T, bool>? predicate = null, TimeSpan? timeout = null)
    {
        var received = await NextAsync<T>("a question ", timeout).ConfigureAwait(false);
        var message = As(received, predicate);
        return new Question<T>(message, received.Call ?? throw new TestKitException($"{Self} expected to be asked {typeof(T).Name}, but it was sent. {Seen}"));
    }

    /// <summary>Expects no message for a while of the env's time.</summary>
    /// <exception cref="TestKitException">A message arrived.</exception>
    public async Task ExpectNoneAsync(TimeSpan duration)
    {
        var (found, received) = await _log.TryNextAsync(duration).ConfigureAwait(false);
        if (found) throw new TestKitException($"{Self} expected nothing for {duration} but got {received!.Message}. {Seen}");
    }

    /// <summary>Expects a message of a type that fits; earlier messages are skipped.</summary>
    /// <exception cref="TestKitException">No such message arrived in time.</exception>
    public async Task<T> FishForAsync<T>(Func<T, bool>? predicate = null, TimeSpan? timeout = null)
    {
        var patience = timeout ?? EventLog<Received>.Patience;
        for (var start = Env.Time.GetTimestamp(); ;)
        {
            var left = patience - Env.Time.GetElapsedTime(start);
            var received = await NextAsync<T>("", left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
            if (received.Message is T message && (predicate is null || predicate(message))) return message;
        }
    }

    /// <summary>Expects a number of messages, all of a type.</summary>
    /// <exception cref="TestKitException">One did not arrive in time, or another message did.</exception>
    public async Task<IReadOnlyList<T>> ReceiveNAsync<T>(int count, TimeSpan? timeout = null)
    {
        var messages = new List<T>(count);
        while (messages.Count < count) messages.Add(await ExpectAsync<T>(null, timeout).ConfigureAwait(false));
        return messages;
    }

    /// <summary>Expects the termination of a watched endpoint.</summary>
    /// <exception cref="TestKitException">The termination did not arrive in time, or another message did.</exception>
    public Task<EndpointTerminated> ExpectTerminatedAsync(RpcEndpointRef endpoint, TimeSpan? timeout = null) =>
        ExpectAsync<EndpointTerminated>(terminated => terminated.Endpoint.Equals(endpoint), timeout);

    /// <summary>
    /// Lets a function reply to messages from now on, on the env's threads; after it returns false it is not called again. The messages can still be expected.
    /// </summary>
    public void SetAutoPilot(Func<object, RpcCallContext?, bool>? pilot) => Volatile.Write(ref _autoPilot, pilot);

    /// <summary>Begins to watch an endpoint.</summary>
    public new void Watch(RpcEndpointRef endpoint) => base.Watch(endpoint);

    /// <summary>Cancels a <see cref="Watch"/>.</summary>
    public new void Unwatch(RpcEndpointRef endpoint) => base.Unwatch(endpoint);

    /// <summary>Stops the probe.</summary>
    public new void Stop() => base.Stop();

    /// <summary>Replies to the last expected ask.</summary>
    public void Reply(object? response) => LastCall.Reply(response);

    /// <summary>Sends from the probe's env.</summary>
    public void Send(RpcEndpointRef receiver, object message) => Here(receiver).Send(message);

    /// <summary>Asks from the probe's env.</summary>
    public ValueTask<T> AskAsync<T>(RpcEndpointRef receiver, object message, TimeSpan? timeout = null) => Here(receiver).AskAsync<T>(message, timeout);

    /// <inheritdoc/>
    public override void Receive(object message) => Take(message, null);

    /// <inheritdoc/>
    public override void ReceiveAndReply(object message, RpcCallContext call) => Take(message, call);

    private static TestProbe Register(RpcEnv env, string name)
    {
        var probe = new TestProbe(env, name);
        env.SetupEndpoint(name, probe);
        return probe;
    }

    private RpcEndpointRef Here(RpcEndpointRef receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        return ReferenceEquals(receiver.Env, Env) ? receiver : Env.RefTo(new RpcEndpointAddress(receiver.Address, receiver.Name), receiver.Incarnation);
    }

    private void Take(object message, RpcCallContext? call)
    {
        if (Volatile.Read(ref _autoPilot) is { } pilot && !pilot(message, call)) Interlocked.CompareExchange(ref _autoPilot, null, pilot);
        _log.Add(new Received(message, call));
    }

    private async Task<Received> NextAsync<T>(string kind, TimeSpan? timeout)
    {
        var received = await _log.NextAsync($"{kind}{typeof(T).Name}", timeout).ConfigureAwait(false);
        _lastCall = received.Call ?? _lastCall;
        return received;
    }

    private T As<T>(Received received, Func<T, bool>? predicate)
    {
        if (received.Message is not T message) throw new TestKitException($"{Self} expected {typeof(T).Name} but got {received.Message}. {Seen}");
        if (predicate is null || predicate(message)) return message;
        throw new TestKitException($"{Self} got {message}, which is a {typeof(T).Name} but not the one that was expected. {Seen}");
    }

    private sealed record Received(object Message, RpcCallContext? Call)
    {
        public override string ToString() => Call is null ? $"{Message}" : $"{Message} (asked)";
    }
}

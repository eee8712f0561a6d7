using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc;

/// <summary>
/// The messages that one env could not deliver: counted, passed to subscribers one by one, and logged in aggregate. The first dead letter of a receiver and
/// reason is logged at once. Those of the next ten seconds, by the env's clock, are one line with a count. An ask that cannot be delivered fails and is not a
/// dead letter. Thread-safe.
/// </summary>
public sealed class DeadLetters : IDisposable
{
    private const int MaxHeld = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    [ThreadStatic]
    private static bool _isTelling;

    private readonly Lock _lock = new();
    private readonly Dictionary<Subject, Loss> _held = [];
    private readonly string _envName;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<Exception, RpcAddress>? _networkError;
    private Action<DeadLetter>[] _subscribers = [];
    private ITimer? _timer;
    private long _total;
    private bool _disposed;

    /// <summary>Creates the dead letters of one env. For implementers of envs.</summary>
    /// <param name="envName">The env's name, as used in metrics.</param>
    /// <param name="time">The env's clock.</param>
    /// <param name="loggerFactory">Creates the logger.</param>
    public DeadLetters(string envName, TimeProvider time, ILoggerFactory loggerFactory)
        : this(envName, time, (loggerFactory ?? throw new ArgumentNullException(nameof(loggerFactory))).CreateLogger("Sparkish.Rpc"), networkError: null)
    {
    }

    /// <summary>Creates the dead letters of one env.</summary>
    /// <param name="envName">The env's name.</param>
    /// <param name="time">The env's clock.</param>
    /// <param name="log">The logger of the lines.</param>
    /// <param name="networkError">Notifies the endpoints of an error with a peer, once per logged line.</param>
    internal DeadLetters(string envName, TimeProvider time, ILogger log, Action<Exception, RpcAddress>? networkError)
    {
        ArgumentNullException.ThrowIfNull(envName);
        ArgumentNullException.ThrowIfNull(time);
        (_envName, _time, _log, _networkError) = (envName, time, log, networkError);
    }

    /// <summary>The number of dead letters since the env was created.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>
    /// Calls a function for each dead letter, on the thread that detects it: often a sender's, so the function must not block. Its exceptions are logged. Dead
    /// letters that the function itself causes are counted and logged, but not passed to subscribers.
    /// </summary>
    /// <param name="subscriber">The function.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable Subscribe(Action<DeadLetter> subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_lock) Volatile.Write(ref _subscribers, [.. _subscribers, subscriber]);
        return new Subscription(this, subscriber);
    }

    /// <summary>Reports messages that were not delivered; for makers of envs.</summary>
    public void Report(DeadLetter letter) => Report(letter, error: null);

    /// <summary>Reports messages that were not delivered.</summary>
    /// <param name="letter">The messages.</param>
    /// <param name="error">The error passed to <see cref="RpcEndpoint.OnNetworkError"/>; null if endpoints know already or need not know.</param>
    internal void Report(DeadLetter letter, Exception? error)
    {
        Interlocked.Add(ref _total, letter.Count);
        RpcMeter.CountDeadLetters(_envName, letter.Reason, letter.Count);
        if (Volatile.Read(ref _subscribers) is { Length: > 0 } subscribers) Tell(subscribers, letter);
        if (TryHold(letter, error, out var subject)) Log(subject, letter.Count, letter.Description, error);
    }

    /// <summary>Logs the pending counts of messages from one peer whose connection has ended.</summary>
    internal void LogHeldFrom(RpcAddress sender)
    {
        List<KeyValuePair<Subject, Loss>> due;
        lock (_lock)
        {
            if (_held.Count == 0) return;
            due = [.. _held.Where(entry => entry.Value.Count > 0 && entry.Key.Sender == sender)];
            foreach (var (subject, loss) in due) _held[subject] = loss with { Count = 0 };
        }

        Log(due);
    }

    /// <summary>Logs all pending counts. Called when the env stops; later dead letters are counted, passed to subscribers and logged one by one.</summary>
    public void Dispose()
    {
        lock (_lock) _disposed = true;
        LogHeld();
    }

    /// <summary>Records a line; false if it has to wait.</summary>
    private bool TryHold(DeadLetter letter, Exception? error, out Subject subject)
    {
        subject = Subject.Of(letter);
        lock (_lock)
        {
            // A peer that invents receivers must fill neither the log nor the memory: beyond this limit all receivers share one line.
            if (_held.Count >= MaxHeld && !_held.ContainsKey(subject)) subject = new Subject(letter.Reason);
            if (_held.TryGetValue(subject, out var loss))
            {
                _held[subject] = new Loss(loss.Count + letter.Count, letter.Description, error);
                return false;
            }

            _held.Add(subject, new Loss(0, letter.Description, error));
            if (!_disposed) _timer ??= NewTimer();
            return true;
        }
    }

    private void LogHeld()
    {
        List<KeyValuePair<Subject, Loss>> due;
        lock (_lock)
        {
            due = [.. _held.Where(static entry => entry.Value.Count > 0)];
            _timer?.Dispose();
            _timer = null;
            if (!_disposed)
            {
                _held.Clear();
                foreach (var (subject, loss) in due) _held.Add(subject, loss with { Count = 0 });
                if (due.Count > 0) _timer = NewTimer();
            }
            else
            {
                foreach (var (subject, loss) in due) _held[subject] = loss with { Count = 0 };
            }
        }

        Log(due);
    }

    private ITimer? NewTimer()
    {
        try
        {
            return _time.CreateTimer(static state => ((DeadLetters)state!).LogHeld(), this, Pause, Timeout.InfiniteTimeSpan);
        }
        catch (Exception error)
        {
            _log.DeadLetterTimerFailed(error, _envName); // the next line tries again
            return null;
        }
    }

    private void Log(List<KeyValuePair<Subject, Loss>> due)
    {
        foreach (var (subject, loss) in due) Log(subject, loss.Count, loss.Description, loss.Error);
    }

    private void Log(Subject subject, long count, string description, Exception? error)
    {
        var receiver = subject.Endpoint ?? subject.Node?.ToString() ?? "other receivers";
        var sender = subject.Sender?.ToString() ?? (subject.Node is null ? "peers" : "this env");
        switch (subject.Reason)
        {
            case DeadLetterReason.EndpointNotFound: _log.MessagesToUnknownEndpoint(count, receiver, description); break;
            case DeadLetterReason.EnvStopped: _log.MessagesAfterEnd(count, receiver, description); break;
            case DeadLetterReason.PeerLeft: _log.MessagesToLeaverDropped(count, receiver, description); break;
            case DeadLetterReason.Unreadable: _log.UnreadableMessages(count, sender, receiver, description); break;
            case DeadLetterReason.LateReply: _log.LateReplies(count, sender); break;
            default: _log.MessagesDropped(count, receiver, description); break;
        }

        if (error is not null && subject.Node is { } peer) _networkError?.Invoke(error, peer);
    }

    private void Tell(Action<DeadLetter>[] subscribers, DeadLetter letter)
    {
        if (_isTelling) return;
        _isTelling = true;
        foreach (var subscriber in subscribers)
        {
            try
            {
                subscriber(letter);
            }
            catch (Exception error)
            {
                _log.DeadLetterSubscriberFailed(error, _envName);
            }
        }

        _isTelling = false;
    }

    private void Unsubscribe(Action<DeadLetter> subscriber)
    {
        lock (_lock)
        {
            var at = Array.IndexOf(_subscribers, subscriber);
            if (at >= 0) Volatile.Write(ref _subscribers, [.. _subscribers[..at], .. _subscribers[(at + 1)..]]);
        }
    }

    /// <summary>The subject of one log line. Without a node it stands for many receivers.</summary>
    private readonly record struct Subject(DeadLetterReason Reason, RpcAddress? Node = null, string? Endpoint = null, RpcAddress? Sender = null)
    {
        public static Subject Of(DeadLetter letter) => letter.Reason switch
        {
            DeadLetterReason.PeerUnreachable or DeadLetterReason.PeerLeft or DeadLetterReason.OutboxFull => new Subject(letter.Reason, letter.Node),
            DeadLetterReason.LateReply => new Subject(letter.Reason, letter.Node, null, letter.Sender),
            DeadLetterReason.EndpointNotFound => new Subject(letter.Reason, letter.Node, letter.Endpoint),
            _ => new Subject(letter.Reason, letter.Node, letter.Endpoint, letter.Sender),
        };
    }

    private readonly record struct Loss(long Count, string Description, Exception? Error);

    private sealed class Subscription(DeadLetters owner, Action<DeadLetter> subscriber) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) owner.Unsubscribe(subscriber);
        }
    }
}

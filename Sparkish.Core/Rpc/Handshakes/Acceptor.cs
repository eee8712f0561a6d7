using System.Globalization;
using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// Accepts the connections of an env: a bounded number of handshakes runs concurrently, and each connection is then served by its own task. Connections are
/// accepted at once and wait for their first byte. <see cref="AdmissionPolicy"/> decides which of them start a handshake, and which are dropped if there are
/// too many.
/// </summary>
internal sealed class Acceptor
{
    private const int MaxKnownSources = 1024;
    private const int RelievedAtOnce = 64;
    private const string Itself = "this node";
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ChannelContext _context;
    private readonly IChannelListener _listener;
    private readonly IConnectionAcceptor _owner;
    private readonly AdmissionLimits _limits;
    private readonly Lock _lock = new();
    private readonly AdmissionPolicy _policy;
    private readonly KnownSources _known = new(MaxKnownSources);
    private readonly HashSet<Entry> _entries = [];
    private readonly RefusalLog _refusals;
    private readonly long _start;
    private readonly ITimer _timer;
    private TimeSpan? _due;
    private bool _isClosed;

    public Acceptor(ChannelContext context, IChannelListener listener, IConnectionAcceptor owner, AdmissionLimits limits)
    {
        (_context, _listener, _owner, _limits) = (context, listener, owner, limits);
        _policy = new AdmissionPolicy(limits);
        _refusals = new RefusalLog(context.Time, context.Log);
        _start = context.Time.GetTimestamp();
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _timer = context.Time.CreateTimer(static state => ((Acceptor)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        context.Stopping.UnsafeRegister(static state => ((RefusalLog)state!).Close(), _refusals);
    }

    /// <summary>Accepts until the listener is disposed.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                IIncomingChannel? incoming;
                try
                {
                    incoming = await _listener.AcceptAsync().ConfigureAwait(false);
                }
                catch (SocketException error)
                {
                    // For example too many open files: silent connections release theirs, so that others can still be served.
                    Change(now => _policy.Relieve(RelievedAtOnce, now));
                    _refusals.Add(Itself, Itself, $"it could not be accepted: {error.Message}");
                    await Task.Delay(PauseAfterFailure, _context.Time).ConfigureAwait(false);
                    continue;
                }

                if (incoming is null) return;
                var entry = new Entry(incoming, _known.Contains(incoming.Source), _context.Tasks.NewCompletion());
                Change(now => _policy.Arrive(entry, now), entry);
                _context.Tasks.Run(() => ServeAsync(entry));
            }
        }
        finally
        {
            Close();
        }
    }

    private async Task ServeAsync(Entry entry)
    {
        var incoming = entry.Incoming;
        if (!await HasBegunAsync(entry).ConfigureAwait(false))
        {
            Leave(entry);
            incoming.Dispose();
            Refuse(entry, _isClosed ? "this env has stopped" : "it closed the connection before it sent anything");
            return;
        }

        IChannel? channel;
        Func<IChannel, Task>? serve;
        using var stay = new Stay(this, incoming.Source);
        try
        {
            (channel, serve) = await Greeting.AcceptAsync(_context, incoming, stay, reason => Refuse(entry, reason), entry.GiveUp).ConfigureAwait(false);
        }
        finally
        {
            Leave(entry);
        }

        if (channel is null || serve is null) return;
        _known.Add(incoming.Source);
        using (channel) await serve(channel).ConfigureAwait(false);
    }

    private async Task<bool> HasBegunAsync(Entry entry)
    {
        if (!await entry.Incoming.WhenSpokenAsync().ConfigureAwait(false)) return false;
        Change(now => _policy.Speak(entry, now));
        return await entry.Begun.Task.ConfigureAwait(false);
    }

    private void Leave(Entry entry)
    {
        lock (_lock) _entries.Remove(entry);
        Change(now => _policy.Leave(entry, now));
        entry.Dispose();
    }

    private void Refuse(Entry entry, string reason) => _refusals.Add(entry.Source, entry.Incoming.Remote, entry.End switch
    {
        AdmissionEnd.Silence => $"it sent nothing within {AskTimeout.Format(_limits.FirstByte)} (spark.rpc.io.firstByteTimeout)",
        AdmissionEnd.Crowded => "too many connections wait for their handshake (spark.rpc.io.maxHandshakes)",
        AdmissionEnd.TooSlow => "its handshake was slow, and other connections waited for its slot (spark.rpc.io.maxHandshakes)",
        _ => reason,
    });

    private void Look() => Change(now =>
    {
        _due = null; // the timer may have fired slightly early
        return _policy.Look(now);
    });

    private void Change(Func<TimeSpan, AdmissionStep> change, Entry? arrived = null)
    {
        AdmissionStep step;
        lock (_lock)
        {
            if (arrived is not null) _entries.Add(arrived);
            var now = _context.Time.GetElapsedTime(_start);
            step = change(now);
            if (!_isClosed) Arm(step.Next, now);
        }

        foreach (var dropped in step.Dropped) ((Entry)dropped).Drop();
        foreach (var begun in step.Begun) ((Entry)begun).Begun.TrySetResult(true);
        if (Volatile.Read(ref _isClosed)) CloseAll();
    }

    /// <summary>Changes the timer only if it would fire too late; firing early does no harm.</summary>
    private void Arm(TimeSpan? next, TimeSpan now)
    {
        if (next is not { } due || _due <= due) return;
        _due = due;
        var pause = due - now;
        _timer.Change(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when the listener is closed: waiting connections get no slot. Running handshakes end by themselves, or when the env stops.</summary>
    private void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _timer.Dispose();
        }

        CloseAll();
    }

    private void CloseAll()
    {
        Entry[] waiting;
        lock (_lock) waiting = [.. _entries.Where(static entry => entry.Stage is AdmissionStage.Silent or AdmissionStage.Waiting)];
        foreach (var entry in waiting) entry.Drop();
    }

    /// <summary>Counts a connection for as long as it is open, unless its peer is trusted.</summary>
    private sealed class Stay(Acceptor acceptor, string source) : IConnectionAcceptor, IDisposable
    {
        private bool _isCounted;

        public async ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer)
        {
            if (!acceptor._context.Security.Trusts(peer.IsAuthenticated, peer.Realm))
            {
                lock (acceptor._lock) _isCounted = acceptor._policy.TryStay(source);
                if (!_isCounted)
                {
                    throw new HandshakeException(string.Create(CultureInfo.InvariantCulture,
                        $"too many connections are open: {acceptor._limits.Guests} in all, {acceptor._limits.GuestsPerSource} from one address (spark.rpc.io.maxConnections)"), tellPeer: true);
                }
            }

            return await acceptor._owner.AdmitAsync(peer).ConfigureAwait(false);
        }

        public void Dispose()
        {
            if (!_isCounted) return;
            lock (acceptor._lock) acceptor._policy.EndStay(source);
        }
    }

    /// <summary>A connection and the source that cancels it.</summary>
    private sealed class Entry(IIncomingChannel incoming, bool isKnown, TaskCompletionSource<bool> begun) : Candidate(incoming.Source, isKnown), IDisposable
    {
        private readonly CancellationTokenSource _giveUp = new();

        public IIncomingChannel Incoming => incoming;

        /// <summary>Whether its handshake begins; false when it was dropped before.</summary>
        public TaskCompletionSource<bool> Begun => begun;

        /// <summary>Set when the handshake must end.</summary>
        public CancellationToken GiveUp => _giveUp.Token;

        public void Drop()
        {
            if (!begun.TrySetResult(false))
            {
                Cancel();
                return;
            }

            incoming.Dispose();
        }

        public void Dispose() => _giveUp.Dispose();

        private void Cancel()
        {
            try
            {
                _giveUp.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // Its handshake has just ended.
            }
        }
    }
}

using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Work that the turn of an inbox defers to its end, on its own thread. Replies are deferred so that those to many asks are sent together and without a hop to
/// another thread; counts of handled messages are deferred too. The former is bounded in time and the latter in amount. Outside a turn nothing is deferred.
/// Each thread has its own instance.
/// </summary>
internal sealed class Turn
{
    private const int PromptMessages = 16;
    private static readonly long MaxTicks = Stopwatch.Frequency / 20_000; // 50 µs

    [ThreadStatic]
    private static Turn? _ofThread;

    private readonly List<Action> _deferred = [];
    private bool _isRunning;
    private int _prompt;
    private long _since;
    private IInboundSource? _source;
    private long _handled;
    private long _maxHandled;

    private Turn() { }

    /// <summary>Whether this thread runs a handler.</summary>
    public static bool IsRunning => _ofThread is { _isRunning: true };

    /// <summary>Starts to defer work.</summary>
    public static Turn Begin()
    {
        var turn = _ofThread ??= new Turn();
        turn._isRunning = true;
        turn._prompt = 0;
        return turn;
    }

    /// <summary>Defers an action to the end of the turn, or runs it at once if handlers are slow; false outside a turn. The action must not throw.</summary>
    public static bool TryDefer(Action action)
    {
        if (_ofThread is not { _isRunning: true } turn) return false;
        if (turn._prompt > 0)
        {
            action();
            return true;
        }

        if (turn._deferred.Count == 0) turn._since = Stopwatch.GetTimestamp();
        turn._deferred.Add(action);
        return true;
    }

    /// <summary>Called when a message of a peer was handled or dropped: its connection is informed now, or together with the next ones.</summary>
    public static void CountHandled(IInboundSource source, int cost)
    {
        if (_ofThread is { _isRunning: true } turn) turn.Count(source, cost);
        else source.Handled(cost);
    }

    /// <summary>Like <see cref="CountHandled"/>, on the thread of this turn.</summary>
    public void Count(IInboundSource source, int cost)
    {
        if (source != _source)
        {
            ReportHandled();
            (_source, _maxHandled) = (source, source.UncountedCost);
        }

        _handled += cost;
        if (_handled >= _maxHandled) ReportHandled();
    }

    /// <summary>
    /// Runs work that was deferred for too long; called between two messages. Handlers are slow then, so the next few messages defer nothing: only a few, since
    /// a thread that was preempted for a moment looks the same.
    /// </summary>
    public void Step()
    {
        if (_prompt > 0) _prompt--;
        if (_deferred.Count == 0 || Stopwatch.GetTimestamp() - _since <= MaxTicks) return;
        Run();
        _prompt = PromptMessages;
    }

    /// <summary>Runs the deferred work and stops deferring.</summary>
    public void End()
    {
        _isRunning = false;
        ReportHandled();
        if (_deferred.Count > 0) Run();
    }

    private void ReportHandled()
    {
        if (_source is not { } source) return;
        var handled = _handled;
        (_source, _handled) = (null, 0); // first: sending a grant may end a connection, and run other code
        source.Handled(handled);
    }

    private void Run()
    {
        foreach (var action in _deferred) action();
        _deferred.Clear();
    }
}

using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// What the turn of an inbox puts off to its end, on its own thread: the sending of replies, so that those of many questions leave in one piece and
/// without a hop to another thread; and the counting of what was handled. The former is bounded in time and the latter in amount; outside of a turn
/// nothing is put off. Each thread has one.
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

    /// <summary>Starts to put off.</summary>
    public static Turn Begin()
    {
        var turn = _ofThread ??= new Turn();
        turn._isRunning = true;
        turn._prompt = 0;
        return turn;
    }

    /// <summary>
    /// Puts an action off to the end of the turn, or does it at once where handlers are slow; false outside of a turn. The action must not throw.
    /// </summary>
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

    /// <summary>A message of a peer was handled, or dropped: its connection learns of it now or together with the next ones.</summary>
    public static void CountHandled(IInboundSource source, int cost)
    {
        if (_ofThread is { _isRunning: true } turn) turn.Count(source, cost);
        else source.Handled(cost);
    }

    /// <summary>
    /// Does what has been put off for too long; called between two messages. The handlers are slow then, and the next messages have nothing put off: only
    /// a few of them, since a thread that lost its processor for a moment looks the same.
    /// </summary>
    public void Step()
    {
        if (_prompt > 0) _prompt--;
        if (_deferred.Count == 0 || Stopwatch.GetTimestamp() - _since <= MaxTicks) return;
        Run();
        _prompt = PromptMessages;
    }

    /// <summary>Does what was put off and puts off no more.</summary>
    public void End()
    {
        _isRunning = false;
        ReportHandled();
        if (_deferred.Count > 0) Run();
    }

    private void Count(IInboundSource source, int cost)
    {
        if (source != _source)
        {
            ReportHandled();
            (_source, _maxHandled) = (source, source.UncountedCost);
        }

        _handled += cost;
        if (_handled >= _maxHandled) ReportHandled();
    }

    private void ReportHandled()
    {
        if (_source is not { } source) return;
        var handled = _handled;
        (_source, _handled) = (null, 0); // first: a grant that is sent may end a connection, and run other code
        source.Handled(handled);
    }

    private void Run()
    {
        foreach (var action in _deferred) action();
        _deferred.Clear();
    }
}

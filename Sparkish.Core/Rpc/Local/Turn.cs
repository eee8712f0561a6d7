using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// What the turn of an inbox puts off to its end, on its own thread: the sending of replies, so that those of many questions leave in one piece and
/// without a hop to another thread. Bounded in time; outside of a turn nothing is put off. Each thread has one.
/// </summary>
internal sealed class Turn
{
    private static readonly long MaxTicks = Stopwatch.Frequency / 20_000; // 50 µs

    [ThreadStatic]
    private static Turn? _ofThread;

    private readonly List<Action> _deferred = [];
    private bool _isRunning;
    private long _since;

    private Turn() { }

    /// <summary>Whether this thread runs a handler.</summary>
    public static bool IsRunning => _ofThread is { _isRunning: true };

    /// <summary>Starts to put off.</summary>
    public static Turn Begin()
    {
        var turn = _ofThread ??= new Turn();
        turn._isRunning = true;
        return turn;
    }

    /// <summary>Puts an action off to the end of the turn; false outside of one. The action must not throw.</summary>
    public static bool TryDefer(Action action)
    {
        if (_ofThread is not { _isRunning: true } turn) return false;
        if (turn._deferred.Count == 0) turn._since = Stopwatch.GetTimestamp();
        turn._deferred.Add(action);
        return true;
    }

    /// <summary>Does what has been put off for too long; called between two messages.</summary>
    public void Step()
    {
        if (_deferred.Count > 0 && Stopwatch.GetTimestamp() - _since > MaxTicks) Run();
    }

    /// <summary>Does what was put off and puts off no more.</summary>
    public void End()
    {
        _isRunning = false;
        if (_deferred.Count > 0) Run();
    }

    private void Run()
    {
        foreach (var action in _deferred) action();
        _deferred.Clear();
    }
}

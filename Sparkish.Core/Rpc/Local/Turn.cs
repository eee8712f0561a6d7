using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// What the turn of an inbox puts off to its end, on its own thread: the sending of replies, so that those of many questions leave in one piece and
/// without a hop to another thread. Bounded in time; outside of a turn nothing is put off.
/// </summary>
internal static class Turn
{
    private static readonly long MaxTicks = Stopwatch.Frequency / 20_000; // 50 µs

    [ThreadStatic]
    private static List<Action>? _deferred;

    [ThreadStatic]
    private static bool _running;

    [ThreadStatic]
    private static long _since;

    /// <summary>Whether this thread runs a handler.</summary>
    public static bool IsRunning => _running;

    /// <summary>Starts to put off.</summary>
    public static void Begin() => _running = true;

    /// <summary>Does what was put off and puts off no more.</summary>
    public static void End()
    {
        _running = false;
        Run();
    }

    /// <summary>Does what has been put off for too long.</summary>
    public static void Step()
    {
        if (_deferred is { Count: > 0 } && Stopwatch.GetTimestamp() - _since > MaxTicks) Run();
    }

    /// <summary>Puts an action off to the end of the turn; false outside of one. The action must not throw.</summary>
    public static bool TryDefer(Action action)
    {
        if (!_running) return false;
        _deferred ??= [];
        if (_deferred.Count == 0) _since = Stopwatch.GetTimestamp();
        _deferred.Add(action);
        return true;
    }

    private static void Run()
    {
        if (_deferred is not { Count: > 0 } actions) return;
        foreach (var action in actions) action();
        actions.Clear();
    }
}
